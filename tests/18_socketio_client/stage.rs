//! A client on a stage: a server that says packets byte for byte, and a transcript of what travels.

use std::fmt::{Debug, Display};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};
use transcript::{Transcript, within};

use super::super::subject::{
    Builder, Client, Delays, Events, Problem, Reconnection, State, Transports,
};

/// A handshake of a server that does not ping during a test.
pub(crate) const OPEN: &str =
    r#"0{"sid":"E","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000}"#;

/// And one that takes long messages.
pub(crate) const OPEN_WIDE: &str =
    r#"0{"sid":"E","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

/// A server that does what a test says.
pub(crate) struct Stage {
    pub(crate) transcript: Transcript,
    pub(crate) url: String,
    listener: TcpListener,
    problems: Arc<Mutex<Vec<String>>>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let transcript = Transcript::untimed(&["client", "server"]);
        Self { transcript, url, listener, problems: Arc::default() }
    }

    /// The settings of a client of this server, that dials again after a hundredth of a second.
    pub(crate) fn builder(&self) -> Builder {
        let problems = Arc::clone(&self.problems);
        Client::builder(&self.url)
            .transports(Transports::WebSocketOnly)
            .reconnection(quick())
            .on_problem(move |problem: &Problem| {
                problems.lock().expect("nobody panicked here").push(problem.to_string());
            })
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().expect("a good URL")
    }

    /// A client that has joined `/`, and the server's end. What was said until then is not shown.
    pub(crate) async fn joined(&self, builder: Builder) -> (Client, Peer) {
        let client = builder.build().expect("a good URL");
        client.of("/").open();
        let mut peer = self.accept().await;
        peer.welcome("40", r#"40{"sid":"A"}"#).await;
        connected(&client.of("/").state()).await;
        (client, peer)
    }

    /// The next that the client dials.
    pub(crate) async fn dialled(&self) -> TcpStream {
        within("the client to dial", self.listener.accept()).await.expect("a connection").0
    }

    pub(crate) async fn accept(&self) -> Peer {
        self.accept_with(OPEN).await
    }

    pub(crate) async fn accept_with(&self, open: &str) -> Peer {
        let stream = self.dialled().await;
        let accepted = within("the client to ask for a WebSocket", accept_async(stream)).await;
        let stream = accepted.expect("the client asks for a WebSocket");
        let mut peer = Peer { stream, transcript: self.transcript.clone(), has_ended: false };
        peer.send(Message::text(open)).await;
        peer
    }

    /// What was reported until now.
    pub(crate) fn problems(&self) -> Vec<String> {
        self.problems.lock().expect("nobody panicked here").drain(..).collect()
    }
}

pub(crate) fn quick() -> Reconnection {
    let delay = Duration::from_millis(10);
    let delays = Delays { first: delay, max: delay, ..Delays::default() };
    Reconnection { delays, ..Reconnection::default() }
}

/// The server's end of one connection.
pub(crate) struct Peer {
    stream: WebSocketStream<TcpStream>,
    transcript: Transcript,
    has_ended: bool,
}

impl Peer {
    /// Hears a CONNECT and answers it, unseen.
    pub(crate) async fn welcome(&mut self, connect: &str, reply: &str) {
        assert_eq!(self.hear_unseen("a CONNECT").await, connect);
        self.send(Message::text(reply)).await;
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.transcript.message("server", "client", text);
        self.send(Message::text(text)).await;
    }

    pub(crate) async fn say_bytes(&mut self, bytes: &[u8]) {
        self.transcript.message("server", "client", format!("binary {bytes:?}"));
        self.send(Message::binary(bytes.to_vec())).await;
    }

    pub(crate) async fn send_unseen(&mut self, text: &str) {
        self.send(Message::text(text)).await;
    }

    /// The next message, or that the connection ends.
    pub(crate) async fn hear(&mut self) -> String {
        let heard = self.hear_unseen("a message of the client").await;
        match &*heard {
            END => self.transcript.event("server", END),
            heard => self.transcript.message("client", "server", heard),
        }
        heard
    }

    /// Nothing comes: a ping is answered next.
    pub(crate) async fn hear_nothing(&mut self) {
        self.send(Message::text("2")).await;
        assert_eq!(self.hear_unseen("a pong").await, "3", "expected nothing before the pong");
    }

    /// The connection breaks, without a word.
    pub(crate) fn cut(self) {
        self.transcript.event("server", "cuts the connection");
    }

    async fn send(&mut self, message: Message) {
        let sent = within("the client to take a message", self.stream.send(message)).await;
        sent.expect("the connection stands");
    }

    pub(crate) async fn hear_unseen(&mut self, awaited: &str) -> String {
        assert!(!self.has_ended, "expected {awaited}, but the connection has ended");
        match within(awaited, self.stream.next()).await {
            Some(Ok(Message::Text(text))) => text.to_string(),
            Some(Ok(Message::Binary(bytes))) => format!("binary {:?}", bytes.to_vec()),
            _ => {
                self.has_ended = true;
                END.to_owned()
            }
        }
    }
}

pub(crate) const END: &str = "the connection ends";

/// Waits until a socket is where it should be.
pub(crate) async fn until(state: &watch::Receiver<State>, awaited: &str, is: fn(&State) -> bool) {
    let mut state = state.clone();
    within(awaited, state.wait_for(is)).await.expect("the client is there");
}

pub(crate) async fn connected(state: &watch::Receiver<State>) {
    until(state, "the socket to be connected", |it| matches!(it, State::Connected { .. })).await;
}

/// The next events of a manager, in the words of the reference.
pub(crate) async fn told<const N: usize>(events: &mut Events) -> [String; N] {
    let mut told = [const { String::new() }; N];
    for told in &mut told {
        let event = within("an event of the manager", events.next()).await;
        *told = words(&event.expect("the client is there"));
    }
    told
}

/// Without what differs from machine to machine.
fn words(event: &impl Display) -> String {
    let event = event.to_string();
    event.split(": no connection").next().unwrap_or_default().to_owned()
}

/// What handlers tell the test.
pub(crate) fn notes<T: Debug>() -> (mpsc::UnboundedSender<T>, Notes<T>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (sender, Notes(receiver))
}

pub(crate) struct Notes<T>(pub(crate) mpsc::UnboundedReceiver<T>);

impl<T: Debug> Notes<T> {
    pub(crate) async fn next(&mut self, awaited: &str) -> T {
        within(awaited, self.0.recv()).await.expect("a handler still holds the sender")
    }

    /// What was told until now.
    pub(crate) fn so_far(&mut self) -> Vec<T> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }
}
