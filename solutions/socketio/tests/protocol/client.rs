//! A client that says packets as they are, over each transport.

use std::collections::VecDeque;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::{SinkExt, StreamExt};
use socketio::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// In virtual time: longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) const END: &str = "the session ends";

#[derive(Clone, Copy, Debug)]
pub(crate) enum How {
    Polling,
    WebSocket,
    /// Polling first.
    Upgraded,
}

/// One session. Packets are Engine.IO's: `4` begins a message.
pub(crate) struct Client {
    io: Server,
    carrier: Carrier,
}

enum Carrier {
    Polling { sid: String, came: VecDeque<String> },
    WebSocket(Box<WebSocketStream<DuplexStream>>),
}

impl Client {
    pub(crate) async fn open(io: &Server, how: How) -> Self {
        let carrier = match how {
            How::Polling => Carrier::Polling { sid: open(io).await, came: VecDeque::new() },
            How::WebSocket => {
                let mut stream = websocket(io, "EIO=4&transport=websocket").await.expect("a 101");
                assert!(hear(&mut stream).await.starts_with("0{"));
                Carrier::WebSocket(Box::new(stream))
            }
            How::Upgraded => {
                let stream = upgrade(io, &open(io).await).await;
                Carrier::WebSocket(Box::new(stream))
            }
        };
        Self { io: io.clone(), carrier }
    }

    /// In the main namespace, whose greetings have been heard.
    pub(crate) async fn enter(io: &Server, how: How) -> Self {
        let mut client = Self::open(io, how).await;
        client.say("40").await;
        assert!(client.hear().await.starts_with("40{"));
        assert_eq!(client.hear().await, r#"42["auth",{}]"#);
        client
    }

    /// The id of a session on polling.
    pub(crate) fn sid(&self) -> Option<&str> {
        match &self.carrier {
            Carrier::Polling { sid, .. } => Some(sid),
            Carrier::WebSocket(_) => None,
        }
    }

    pub(crate) async fn say(&mut self, packet: &str) {
        match &mut self.carrier {
            Carrier::Polling { sid, .. } => post(&self.io, sid, packet).await,
            Carrier::WebSocket(stream) => {
                stream.send(Message::text(packet)).await.expect("the WebSocket is open");
            }
        }
    }

    pub(crate) async fn say_bytes(&mut self, bytes: &[u8]) {
        match &mut self.carrier {
            Carrier::Polling { sid, .. } => {
                post(&self.io, sid, &format!("b{}", BASE64_STANDARD.encode(bytes))).await;
            }
            Carrier::WebSocket(stream) => {
                let message = Message::binary(bytes.to_vec());
                stream.send(message).await.expect("the WebSocket is open");
            }
        }
    }

    /// The next packet, or [`END`].
    pub(crate) async fn hear(&mut self) -> String {
        match &mut self.carrier {
            Carrier::WebSocket(stream) => hear(stream).await,
            Carrier::Polling { sid, came } => {
                if came.is_empty() {
                    came.extend(poll(&self.io, sid).await);
                }
                came.pop_front().expect("an answer holds a packet")
            }
        }
    }

    /// Hears nothing but pings until the end.
    pub(crate) async fn hear_the_end(&mut self) {
        loop {
            match &*self.hear().await {
                "2" => self.say("3").await,
                END => return,
                other => panic!("expected the end, came {other}"),
            }
        }
    }
}

/// The answer to one request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Each request has a connection of its own.
pub(crate) async fn http(io: &Server, method: &str, query: &str, body: &str) -> Answer {
    let mut stream = connect(io);
    let length = body.len();
    let request = format!(
        "{method} /socket.io/?{query} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    let answer = timeout(PATIENCE, async {
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("the server answers in text");
        answer
    });
    let answer = answer.await.unwrap_or_else(|_| panic!("expected an answer to {method} ?{query}"));
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Answer { status: status.expect("a status"), body: body.to_owned() }
}

/// Opens a session on polling. Its id.
pub(crate) async fn open(io: &Server) -> String {
    let answer = http(io, "GET", "EIO=4&transport=polling", "").await;
    let sid = answer.body.split(r#""sid":""#).nth(1).and_then(|rest| rest.split('"').next());
    sid.unwrap_or_else(|| panic!("expected a sid, came {answer:?}")).to_owned()
}

/// The packets that a GET takes along.
pub(crate) async fn poll(io: &Server, sid: &str) -> Vec<String> {
    let answer = http(io, "GET", &format!("EIO=4&transport=polling&sid={sid}"), "").await;
    if answer.status != 200 || answer.body == "1" {
        return vec![END.to_owned()];
    }
    let packets = answer.body.split('\u{1e}');
    packets
        .map(|packet| match packet.strip_prefix('b') {
            Some(base64) => {
                format!("binary {:?}", BASE64_STANDARD.decode(base64).expect("base64"))
            }
            None => packet.to_owned(),
        })
        .collect()
}

/// Whether the session is there, the test will see.
pub(crate) async fn post(io: &Server, sid: &str, packets: &str) {
    http(io, "POST", &format!("EIO=4&transport=polling&sid={sid}"), packets).await;
}

/// `None`: it was refused.
pub(crate) async fn websocket(io: &Server, query: &str) -> Option<WebSocketStream<DuplexStream>> {
    let url = format!("ws://a/socket.io/?{query}");
    let opening = timeout(PATIENCE, client_async(url, connect(io)));
    let opened = opening.await.expect("expected an answer to the opening handshake");
    opened.ok().map(|(stream, _)| stream)
}

/// Moves a session from polling to a WebSocket.
pub(crate) async fn upgrade(io: &Server, sid: &str) -> WebSocketStream<DuplexStream> {
    let query = format!("EIO=4&transport=websocket&sid={sid}");
    let mut stream = websocket(io, &query).await.expect("a 101");
    stream.send(Message::text("2probe")).await.expect("it is open");
    assert_eq!(hear(&mut stream).await, "3probe");
    stream.send(Message::text("5")).await.expect("it is open");
    stream
}

pub(crate) async fn hear(stream: &mut WebSocketStream<DuplexStream>) -> String {
    match timeout(PATIENCE, stream.next()).await.expect("expected a message, or the end") {
        Some(Ok(Message::Text(text))) => text.to_string(),
        Some(Ok(Message::Binary(bytes))) => format!("binary {:?}", bytes.to_vec()),
        Some(Ok(Message::Close(_)) | Err(_)) | None => END.to_owned(),
        Some(Ok(other)) => panic!("expected a packet, came {other:?}"),
    }
}

fn connect(io: &Server) -> DuplexStream {
    let (ours, theirs) = duplex(64 << 10);
    let io = io.clone();
    tokio::spawn(async move { io.serve_connection(theirs, None).await });
    ours
}
