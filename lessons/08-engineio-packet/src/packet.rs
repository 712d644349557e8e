use bytestring::ByteString;

use crate::{Frame, Handshake, Message, PacketError, binary_text};

/// One thing that one end says to the other (Engine.IO protocol, "Packet encoding").
///
/// # Format
///
/// The type as one digit, then the payload: `4hello`. A binary message is the exception: it is
/// the bare bytes, and that it is binary says all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// `0`, from the server, first of all: how this connection will go.
    Open(Handshake),
    /// `1`: this transport may be closed.
    Close,
    /// `2`, from the server: are you there? From the client only as `2probe`, to try a transport.
    Ping(ByteString),
    /// `3`: answers a ping, with the same payload.
    Pong(ByteString),
    /// `4`: what the application says.
    Message(Message),
    /// `5`, from the client: from now on everything goes over this transport.
    Upgrade,
    /// `6`: nothing. It ends a GET that waits.
    Noop,
}

impl Packet {
    /// The payload of the ping and the pong that try a transport.
    pub const PROBE: ByteString = ByteString::from_static("probe");

    /// The packet as it travels.
    #[must_use]
    pub fn encode(&self) -> Frame {
        // TODO step 8.2: Say a packet
        //
        // The other direction: each packet as the frame that carries it. `text(kind, payload)`,
        // below, puts the two together. A message of bytes is a binary frame, and has no type at
        // all: that the frame is binary says enough. (Engine.IO protocol, "Packet encoding")
        //
        // Stuck? cargo course hint 8.2
        todo!("step 8.2: Say a packet (cargo course hint 8.2)")
    }

    /// Reads what came. Whatever follows a `1`, a `5` or a `6` is ignored, as the reference does.
    ///
    /// # Errors
    ///
    /// [`PacketError`] if it is none of the seven packets.
    pub fn decode(frame: Frame) -> Result<Self, PacketError> {
        let text = match frame {
            Frame::Text(text) => text,
            Frame::Binary(bytes) => return Ok(Self::Message(Message::Binary(bytes))),
        };
        // TODO step 8.1: Take a packet apart
        //
        // A packet is one character for its type, and the rest is its payload: `4hello`. Binary
        // frames are dealt with above. Of a text, take the first character off; `b` is no type, but
        // says that base64 follows, for `binary_text::read`. The payload of an `open` packet is for
        // `Handshake::from_json`. What follows a `1`, a `5` or a `6` is ignored. A text without a
        // character is `PacketError::Empty`, any other type `PacketError::UnknownType`. The payload
        // shares the memory of the text: nothing is copied. (Engine.IO protocol, "Packet encoding")
        //
        // Stuck? cargo course hint 8.1
        todo!("step 8.1: Take a packet apart (cargo course hint 8.1)")
    }
}

/// A type and a payload.
fn text(kind: char, payload: &str) -> Frame {
    let mut text = String::with_capacity(kind.len_utf8() + payload.len());
    text.push(kind);
    text.push_str(payload);
    Frame::Text(text.into())
}
