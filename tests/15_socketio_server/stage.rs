//! A server on a stage: clients that say packets byte for byte, and a transcript of what travels.

use std::fmt::Debug;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use transcript::{Transcript, within};

use super::super::subject::{Builder, Problem, Server};

/// Virtual time, for a test whose clock stands still.
const PATIENCE: Duration = Duration::from_secs(300);

/// A panic of the application's, on purpose. It is not printed: of a failed test's output the first panic is
/// shown as the cause.
pub(crate) fn panic_unseen(words: &'static str) -> ! {
    resume_unwind(Box::new(words))
}

/// A server, and clients of it.
pub(crate) struct Stage {
    pub(crate) transcript: Transcript,
    pub(crate) io: Server,
    problems: Arc<Mutex<Vec<Problem>>>,
}

impl Stage {
    pub(crate) fn new(builder: Builder) -> Self {
        Self::with_lanes(&["client", "server"], builder)
    }

    pub(crate) fn with_lanes(lanes: &[&str], builder: Builder) -> Self {
        let problems = Arc::<Mutex<Vec<Problem>>>::default();
        let known = Arc::clone(&problems);
        let hook = move |problem: &Problem| {
            known.lock().expect("nobody panicked here").push(problem.clone());
        };
        Self { problems, ..Self::of(lanes, builder.on_problem(hook).build()) }
    }

    /// A server that does something else with its problems.
    pub(crate) fn of(lanes: &[&str], io: Server) -> Self {
        Self { transcript: Transcript::timed_by_tokio(lanes), io, problems: Arc::default() }
    }

    /// A client on a WebSocket, in no namespace yet.
    pub(crate) async fn connect(&self, lane: &'static str) -> Client {
        self.connect_through(lane, 64 << 10).await
    }

    /// A client whose connection carries `pipe` bytes at once.
    pub(crate) async fn connect_through(&self, lane: &'static str, pipe: usize) -> Client {
        let (ours, theirs) = duplex(pipe);
        let io = self.io.clone();
        tokio::spawn(async move { io.serve_connection(theirs, None).await });
        let url = "ws://a/socket.io/?EIO=4&transport=websocket&color=red";
        let (stream, _) = within("the server to take a WebSocket", client_async(url, ours))
            .await
            .expect("the server takes it");
        let mut client = Client { stream, transcript: self.transcript.clone(), lane };
        let open = client.hear_unseen("the handshake").await;
        assert!(open.starts_with("0{"), "expected the handshake, came {open}");
        client
    }

    /// A client in the main namespace. What was said until then is not shown.
    pub(crate) async fn enter(&self, lane: &'static str) -> Client {
        let mut client = self.connect(lane).await;
        client.enter("40").await;
        client
    }

    /// What was reported until now.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = self.problems.lock().expect("nobody panicked here");
        problems.drain(..).map(|problem| problem.to_string()).collect()
    }
}

/// One WebSocket.
pub(crate) struct Client {
    pub(crate) stream: WebSocketStream<DuplexStream>,
    transcript: Transcript,
    lane: &'static str,
}

impl Client {
    /// Asks for a namespace, and is let in. The socket's id.
    pub(crate) async fn enter(&mut self, connect: &str) -> String {
        self.send(Message::text(connect)).await;
        let answer = self.hear_unseen("an answer to CONNECT").await;
        let sid = sid_in(&answer).unwrap_or_else(|| panic!("expected a sid, came {answer}"));
        self.transcript.rename("sid", &sid);
        sid
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.transcript.message(self.lane, "server", text);
        self.send(Message::text(text)).await;
    }

    pub(crate) async fn say_bytes(&mut self, bytes: &[u8]) {
        self.transcript.message(self.lane, "server", format!("binary {bytes:?}"));
        self.send(Message::binary(bytes.to_vec())).await;
    }

    /// The next message, or how it ends.
    pub(crate) async fn hear(&mut self) -> String {
        let heard = self.hear_unseen("a message").await;
        if heard.starts_with("close") {
            // The answer to it was prepared; nobody minds if the connection is gone.
            let _ = within("the answer to leave", self.stream.flush()).await;
        }
        if let Some(sid) = sid_in(&heard) {
            self.transcript.rename("sid", &sid);
        }
        self.transcript.message("server", self.lane, &heard);
        heard
    }

    /// Hears until the connection ends. What came, and how it ended.
    pub(crate) async fn hear_the_end(&mut self) -> Vec<String> {
        let mut heard = Vec::new();
        loop {
            heard.push(self.hear().await);
            let is_ping = heard.last().is_some_and(|last| last == "2");
            assert!(!is_ping, "expected the connection to end, came a ping: it stands");
            if heard.last().is_some_and(|last| last == END || last.starts_with("close")) {
                return heard;
            }
        }
    }

    /// Says something and hears what comes.
    pub(crate) async fn ask(&mut self, text: &str) -> String {
        self.say(text).await;
        self.hear().await
    }

    /// Nothing comes for a second.
    pub(crate) async fn hear_nothing(&mut self) {
        let came = self.hear_unseen("nothing");
        if let Ok(came) = tokio::time::timeout(Duration::from_secs(1), came).await {
            panic!("expected nothing, came {came}");
        }
    }

    pub(crate) async fn send(&mut self, message: Message) {
        let sent = within("the server to take a message", self.stream.send(message)).await;
        sent.expect("the connection stands");
    }

    async fn hear_unseen(&mut self, awaited: &str) -> String {
        let Ok(came) = tokio::time::timeout(PATIENCE, self.stream.next()).await else {
            panic!("waited {PATIENCE:?} of virtual time for {awaited}, and it did not come");
        };
        match came {
            Some(Ok(Message::Text(text))) => text.to_string(),
            Some(Ok(Message::Binary(bytes))) => format!("binary {:?}", bytes.to_vec()),
            Some(Ok(Message::Close(Some(frame)))) => {
                format!("close {}: {}", u16::from(frame.code), frame.reason)
            }
            Some(Ok(Message::Close(None))) => "close without a code".to_owned(),
            Some(Ok(other)) => panic!("expected {awaited}, came {other:?}"),
            Some(Err(_)) | None => END.to_owned(),
        }
    }
}

const END: &str = "the connection ends";

fn sid_in(heard: &str) -> Option<String> {
    heard.split("{\"sid\":\"").nth(1)?.split('"').next().map(str::to_owned)
}

/// What handlers tell the test.
pub(crate) fn notes<T: Debug>() -> (mpsc::UnboundedSender<T>, Notes<T>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (sender, Notes(receiver))
}

pub(crate) struct Notes<T>(mpsc::UnboundedReceiver<T>);

impl<T: Debug> Notes<T> {
    pub(crate) async fn next(&mut self, awaited: &str) -> T {
        within(awaited, self.0.recv()).await.expect("a handler still holds the sender")
    }

    /// What was told until now.
    pub(crate) fn so_far(&mut self) -> Vec<T> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }
}
