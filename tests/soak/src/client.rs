//! Engine.IO from the client's side, as far as a test needs it: packets as texts, over each transport.

use std::collections::VecDeque;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use socketio_packet::Message;

use crate::wire::{Answer, BINARY, CLOSE, PONG, TEXT, Wire};

/// A server may close a connection on which no request came for longer than this.
const FRESH: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
pub(crate) enum How {
    Polling,
    WebSocket,
    /// Polling first.
    Upgraded,
}

/// One session.
pub(crate) struct Client {
    carrier: Carrier,
}

enum Carrier {
    Polling(Polling),
    WebSocket(Wire),
}

/// A session on polling.
pub(crate) struct Polling {
    address: SocketAddr,
    pub(crate) query: String,
    last: Option<(Wire, Instant)>,
    came: VecDeque<String>,
}

impl Client {
    pub(crate) async fn open(address: SocketAddr, how: How) -> Result<Self> {
        let carrier = match how {
            How::Polling => Carrier::Polling(Polling::open(address).await?),
            How::WebSocket => {
                let wire = Wire::dial(address).await?;
                let mut wire = wire.upgrade("EIO=4&transport=websocket").await?;
                expect("0{", &wire.read_frame().await?.payload)?;
                Carrier::WebSocket(wire)
            }
            How::Upgraded => Carrier::WebSocket(Polling::open(address).await?.upgrade().await?),
        };
        Ok(Self { carrier })
    }

    /// Says a packet of Engine.IO, or what is none.
    pub(crate) async fn say(&mut self, packet: &str) -> Result<()> {
        match &mut self.carrier {
            Carrier::Polling(polling) => polling.post(packet.as_bytes()).await,
            Carrier::WebSocket(wire) => wire.send(TEXT, packet.as_bytes()).await,
        }
    }

    /// Sends bytes as a message.
    pub(crate) async fn say_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.carrier {
            Carrier::Polling(polling) => {
                polling.post(format!("b{}", BASE64_STANDARD.encode(bytes)).as_bytes()).await
            }
            Carrier::WebSocket(wire) => wire.send(BINARY, bytes).await,
        }
    }

    pub(crate) async fn send(&mut self, message: Message) -> Result<()> {
        match message {
            Message::Text(text) => self.say(&format!("4{text}")).await,
            Message::Binary(bytes) => self.say_bytes(&bytes).await,
        }
    }

    /// The next message. Pings are answered on the way.
    pub(crate) async fn hear(&mut self) -> Result<Message> {
        loop {
            let packet = match &mut self.carrier {
                Carrier::Polling(polling) => polling.hear().await?,
                Carrier::WebSocket(wire) => {
                    let frame = wire.read_frame().await?;
                    match frame.opcode {
                        TEXT => text(frame.payload)?,
                        BINARY => return Ok(Message::Binary(frame.payload.into())),
                        PONG => continue,
                        opcode => return Err(ended(opcode, &frame.payload)),
                    }
                }
            };
            if packet == "2" {
                self.say("3").await?;
            } else if let Some(message) = packet.strip_prefix('4') {
                return Ok(message.into());
            } else if let Some(base64) = packet.strip_prefix('b') {
                let bytes = BASE64_STANDARD.decode(base64).map_err(Error::other)?;
                return Ok(Message::Binary(bytes.into()));
            } else if packet != "6" {
                return Err(Error::other(format!("expected a message, came {packet}")));
            }
        }
    }

    /// Of a session on polling.
    pub(crate) fn query(&self) -> Option<&str> {
        match &self.carrier {
            Carrier::Polling(polling) => Some(&polling.query),
            Carrier::WebSocket(_) => None,
        }
    }

    /// What it says goes over this from now on, byte for byte.
    pub(crate) async fn into_wire(self) -> Result<Wire> {
        match self.carrier {
            Carrier::Polling(polling) => polling.into_wire().await,
            Carrier::WebSocket(wire) => Ok(wire),
        }
    }
}

impl Polling {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let mut wire = Wire::dial(address).await?;
        let open = answered(wire.request("GET", "EIO=4&transport=polling", b"").await?)?;
        expect("0{", open.as_bytes())?;
        let sid = open.split('"').nth(3).unwrap_or_default();
        let query = format!("EIO=4&transport=polling&sid={sid}");
        let last = Some((wire, Instant::now()));
        Ok(Self { address, query, last, came: VecDeque::new() })
    }

    pub(crate) async fn post(&mut self, packets: &[u8]) -> Result<()> {
        self.request("POST", packets).await.map(|_| ())
    }

    pub(crate) async fn get(&mut self) -> Result<String> {
        self.request("GET", b"").await
    }

    /// The query of a WebSocket that asks for this session.
    pub(crate) fn websocket(&self) -> String {
        self.query.replace("polling", "websocket")
    }

    pub(crate) async fn into_wire(mut self) -> Result<Wire> {
        self.wire().await
    }

    async fn hear(&mut self) -> Result<String> {
        loop {
            if let Some(packet) = self.came.pop_front() {
                return Ok(packet);
            }
            self.came = self.get().await?.split('\u{1e}').map(str::to_owned).collect();
        }
    }

    async fn upgrade(mut self) -> Result<Wire> {
        let mut wire = Wire::dial(self.address).await?.upgrade(&self.websocket()).await?;
        wire.send(TEXT, b"2probe").await?;
        expect("3probe", &wire.read_frame().await?.payload)?;
        wire.send(TEXT, b"5").await?;
        self.last = None;
        Ok(wire)
    }

    async fn request(&mut self, method: &str, body: &[u8]) -> Result<String> {
        let mut wire = self.wire().await?;
        let answer = wire.request(method, &self.query, body).await?;
        self.last = Some((wire, Instant::now()));
        answered(answer)
    }

    /// The last connection, or another.
    async fn wire(&mut self) -> Result<Wire> {
        match self.last.take() {
            Some((wire, since)) if since.elapsed() < FRESH => Ok(wire),
            _ => Wire::dial(self.address).await,
        }
    }
}

fn answered(answer: Answer) -> Result<String> {
    let Answer { status, body } = answer;
    let body = text(body)?;
    match status {
        200 => Ok(body),
        _ => Err(Error::new(
            ErrorKind::ConnectionReset,
            format!("expected a 200, came {status}: {body}"),
        )),
    }
}

fn ended(opcode: u8, payload: &[u8]) -> Error {
    let reason = String::from_utf8_lossy(payload.get(2..).unwrap_or_default());
    let what = if opcode == CLOSE { "a goodbye" } else { "a frame of another kind" };
    Error::new(ErrorKind::ConnectionReset, format!("expected a message, came {what}: {reason:?}"))
}

fn expect(beginning: &str, came: &[u8]) -> Result<()> {
    if came.starts_with(beginning.as_bytes()) {
        return Ok(());
    }
    let came = String::from_utf8_lossy(came);
    Err(Error::other(format!("expected {beginning}…, came {came}")))
}

fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(Error::other)
}
