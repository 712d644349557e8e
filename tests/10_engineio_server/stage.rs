//! A server on a stage: connections to it, and a transcript of what travels.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as WsMessage;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use transcript::{Transcript, within};

use super::super::subject::{Application, Builder, Server};

pub(crate) const UPGRADE: &str = "upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Io for S {}

/// A server, and connections to it.
pub(crate) struct Stage {
    pub(crate) transcript: Transcript,
    pub(crate) server: Server,
    pub(crate) place: Place,
}

pub(crate) enum Place {
    /// Connections in memory, for virtual time.
    Memory(Box<dyn Fn() -> Box<dyn Io>>),
    /// Real ones.
    Tcp(SocketAddr, JoinHandle<()>),
}

impl Stage {
    pub(crate) fn in_memory(builder: Builder, application: impl Application) -> Self {
        Self::with_lanes(&["client", "server"], builder, application)
    }

    /// The server as a service, behind hyper on connections in memory.
    pub(crate) fn with_lanes(
        lanes: &[&str],
        builder: Builder,
        application: impl Application,
    ) -> Self {
        let server = builder.build();
        let service = server.service(application);
        let connect = move || -> Box<dyn Io> {
            let (ours, theirs) = duplex(64 << 10);
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(600))
                .serve_connection(TokioIo::new(theirs), service.clone())
                .with_upgrades();
            tokio::spawn(connection);
            Box::new(ours)
        };
        let transcript = Transcript::timed_by_tokio(lanes);
        Self { transcript, server, place: Place::Memory(Box::new(connect)) }
    }

    /// The server on a listener of its own.
    pub(crate) async fn on_tcp(builder: Builder, application: impl Application) -> Self {
        let server = builder.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let serving = server.clone();
        let served = tokio::spawn(async move { serving.serve(listener, application).await });
        let transcript = Transcript::untimed(&["client", "server"]);
        Self { transcript, server, place: Place::Tcp(address, served) }
    }

    pub(crate) async fn connect(&mut self, lane: &'static str) -> Client {
        let (stream, patience) = match &self.place {
            // Virtual: a test waits for what takes a minute.
            Place::Memory(connect) => (connect(), Duration::from_secs(300)),
            Place::Tcp(address, _) => {
                let stream = within("the server to accept", TcpStream::connect(address)).await;
                let stream = stream.expect("the server listens");
                (Box::new(stream) as Box<dyn Io>, transcript::DEADLINE)
            }
        };
        let transcript = self.transcript.clone();
        Client { stream, patience, transcript, lane, path: "/engine.io/", extra: "" }
    }

    /// A connection in memory that carries `pipe` bytes at once, served as one of our listener's.
    pub(crate) fn connect_through(
        &mut self,
        pipe: usize,
        application: impl Application,
    ) -> (Client, JoinHandle<()>) {
        let (ours, theirs) = duplex(pipe);
        let server = self.server.clone();
        let served =
            tokio::spawn(async move { server.serve_connection(theirs, None, application).await });
        let client = Client {
            stream: Box::new(ours),
            patience: Duration::from_secs(300),
            transcript: self.transcript.clone(),
            lane: "client",
            path: "/engine.io/",
            extra: "",
        };
        (client, served)
    }

    pub(crate) async fn later(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }

    pub(crate) async fn stopped(self) {
        let Place::Tcp(_, served) = self.place else { panic!("only a listener stops") };
        within("the listener to stop", served).await.expect("it does not panic");
    }
}

/// One HTTP connection.
pub(crate) struct Client {
    pub(crate) stream: Box<dyn Io>,
    pub(crate) patience: Duration,
    pub(crate) transcript: Transcript,
    pub(crate) lane: &'static str,
    pub(crate) path: &'static str,
    /// More for the query.
    pub(crate) extra: &'static str,
}

impl Client {
    /// Opens a session on polling.
    pub(crate) async fn open(&mut self) -> String {
        self.ask("GET", "transport=polling", "").await;
        let answer = self.answer().await;
        assert_eq!(answer.status, 200, "{answer}");
        answer.sid()
    }

    pub(crate) async fn get(&mut self, sid: &str) {
        self.ask("GET", &format!("transport=polling&sid={sid}"), "").await;
    }

    pub(crate) async fn post(&mut self, sid: &str, body: &str) {
        self.ask("POST", &format!("transport=polling&sid={sid}"), body).await;
    }

    /// Begins a request; the transcript shows it.
    pub(crate) async fn ask(&mut self, method: &str, query: &str, body: &str) {
        let shown = format!("{method} ?{query} {body}");
        self.transcript.message(self.lane, "server", shown.trim_end());
        self.request(method, &format!("EIO=4&{query}"), "", body).await;
    }

    /// Awaits the answer; the transcript shows it.
    pub(crate) async fn answer(&mut self) -> Answer {
        let answer = self.hear().await;
        if answer.body.starts_with("0{") {
            self.transcript.rename("sid", &answer.sid());
        }
        let shown = format!("{} {}", answer.status, answer.body);
        self.transcript.message("server", self.lane, shown.trim_end());
        answer
    }

    /// A request and its answer, unseen.
    pub(crate) async fn raw(
        &mut self,
        method: &str,
        query: &str,
        headers: &str,
        body: &str,
    ) -> Answer {
        self.request(method, query, headers, body).await;
        self.hear().await
    }

    pub(crate) async fn request(&mut self, method: &str, query: &str, headers: &str, body: &str) {
        let (path, extra, length) = (self.path, self.extra, body.len());
        let length = match method {
            "POST" => format!("content-length: {length}\r\n"),
            _ => String::new(),
        };
        self.say(&format!(
            "{method} {path}?{query}{extra} HTTP/1.1\r\nhost: a\r\n{headers}{length}\r\n{body}"
        ))
        .await;
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.say_bytes(text.as_bytes()).await;
    }

    pub(crate) async fn say_bytes(&mut self, bytes: &[u8]) {
        let written = self.in_time("the server to take a request", async |stream| {
            stream.write_all(bytes).await?;
            stream.flush().await
        });
        written.await.expect("the connection stands");
    }

    pub(crate) async fn hear(&mut self) -> Answer {
        let head = self.in_time("an answer", async |stream| {
            // Byte for byte: what comes behind the head may be a WebSocket's.
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await?);
            }
            Ok(head)
        });
        let head = head.await.expect("the connection stands until the answer has come");
        let mut answer = Answer::parse(&String::from_utf8(head).expect("a head is text"));
        let mut body = vec![0; answer.length];
        let read = self.in_time("a body", async |stream| stream.read_exact(&mut body).await);
        read.await.expect("the body is as long as it says");
        answer.body = String::from_utf8_lossy(&body).into_owned();
        answer
    }

    pub(crate) async fn in_time<T>(
        &mut self,
        awaited: &str,
        act: impl AsyncFnOnce(&mut Box<dyn Io>) -> std::io::Result<T>,
    ) -> std::io::Result<T> {
        let patience = self.patience;
        match tokio::time::timeout(patience, act(&mut self.stream)).await {
            Ok(result) => result,
            Err(_) => panic!("waited {patience:?} for {awaited}, and it did not come"),
        }
    }

    /// Asks for a WebSocket, and has it.
    pub(crate) async fn websocket(mut self, sid: Option<&str>) -> Socket {
        let sid = sid.map(|sid| format!("&sid={sid}")).unwrap_or_default();
        let query = format!("transport=websocket{sid}");
        self.transcript.message(self.lane, "server", format!("GET ?{query} (Upgrade)"));
        let answer = self.raw("GET", &format!("EIO=4&{query}"), UPGRADE, "").await;
        assert_eq!(answer.status, 101, "{answer}");
        assert_eq!(answer.header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        self.transcript.message("server", self.lane, "101");
        self.into_socket().await
    }

    pub(crate) async fn into_socket(self) -> Socket {
        let Self { stream, patience, transcript, lane, .. } = self;
        // A little at a time, so that what waits at the other end leaves in parts.
        let config = WebSocketConfig::default().read_buffer_size(4 << 10);
        let stream = WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await;
        Socket { stream, patience, transcript, lane, over: None }
    }
}

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) length: usize,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn parse(head: &str) -> Self {
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut answer = Self {
            status: status.expect("a status line"),
            headers,
            length: 0,
            body: String::new(),
        };
        answer.length = answer.header("content-length").parse().unwrap_or(0);
        answer
    }

    /// Empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The session's id in an `open` packet.
    pub(crate) fn sid(&self) -> String {
        let after = self.body.split("\"sid\":\"").nth(1).expect("an open packet");
        after.split('"').next().expect("a quote after the id").to_owned()
    }

    pub(crate) fn packets(&self) -> impl Iterator<Item = String> {
        self.body.split('\u{1e}').map(str::to_owned)
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.header("content-type"))?;
        for name in ["connection", "allow", "sec-websocket-version"] {
            if !self.header(name).is_empty() {
                write!(f, "; {name}: {}", self.header(name))?;
            }
        }
        write!(f, "\n  {}", self.body.trim_end())
    }
}

/// One WebSocket.
pub(crate) struct Socket {
    pub(crate) stream: WebSocketStream<Box<dyn Io>>,
    pub(crate) patience: Duration,
    pub(crate) transcript: Transcript,
    pub(crate) lane: &'static str,
    /// What was awaited when it ended.
    over: Option<String>,
}

impl Socket {
    pub(crate) async fn say(&mut self, text: &str) {
        self.transcript.message(self.lane, "server", text);
        self.send(WsMessage::text(text)).await;
    }

    pub(crate) async fn say_bytes(&mut self, bytes: &[u8]) {
        self.transcript.message(self.lane, "server", format!("binary {bytes:?}"));
        self.send(WsMessage::binary(bytes.to_vec())).await;
    }

    pub(crate) async fn send(&mut self, message: WsMessage) {
        let sent = within("the server to take a message", self.stream.send(message)).await;
        let Err(error) = sent else { return };
        match &self.over {
            Some(awaited) => panic!("expected {awaited}, came the end of the connection"),
            None => panic!("expected a WebSocket that takes a message, came {error}"),
        }
    }

    /// The next message, or how it ends.
    pub(crate) async fn hear(&mut self, awaited: &str) -> String {
        let patience = self.patience;
        let Ok(came) = tokio::time::timeout(patience, self.stream.next()).await else {
            panic!("waited {patience:?} for {awaited}, and it did not come");
        };
        let heard = match came {
            Some(Ok(WsMessage::Text(text))) => text.to_string(),
            Some(Ok(WsMessage::Binary(bytes))) => format!("binary {:?}", bytes.to_vec()),
            Some(Ok(WsMessage::Close(Some(frame)))) => {
                format!("close {}: {}", u16::from(frame.code), frame.reason)
            }
            Some(Ok(WsMessage::Close(None))) => "close without a code".to_owned(),
            Some(Ok(other)) => panic!("expected {awaited}, came {other:?}"),
            Some(Err(_)) | None => {
                self.over = Some(awaited.to_owned());
                "the connection ends".to_owned()
            }
        };
        if heard.starts_with("close") {
            // The answer to it was prepared; nobody minds if the connection is gone.
            let _ = within("the answer to leave", self.stream.flush()).await;
        }
        let sid = heard.split("\"sid\":\"").nth(1).and_then(|after| after.split('"').next());
        if let Some(sid) = sid {
            self.transcript.rename("sid", sid);
        }
        self.transcript.message("server", self.lane, &heard);
        heard
    }
}
