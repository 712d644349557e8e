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
        // ANCHOR: step_8_2
        match self {
            Self::Open(handshake) => text('0', &handshake.to_json()),
            Self::Close => text('1', ""),
            Self::Ping(payload) => text('2', payload),
            Self::Pong(payload) => text('3', payload),
            Self::Message(Message::Text(payload)) => text('4', payload),
            Self::Message(Message::Binary(bytes)) => Frame::Binary(bytes.clone()),
            Self::Upgrade => text('5', ""),
            Self::Noop => text('6', ""),
        }
        // ANCHOR_END: step_8_2
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
        // ANCHOR: step_8_1
        let mut rest = text.chars();
        let kind = rest.next().ok_or(PacketError::Empty)?;
        let payload = text.slice_ref(rest.as_str());
        match kind {
            '0' => Ok(Self::Open(Handshake::from_json(&payload)?)),
            '1' => Ok(Self::Close),
            '2' => Ok(Self::Ping(payload)),
            '3' => Ok(Self::Pong(payload)),
            '4' => Ok(Self::Message(Message::Text(payload))),
            '5' => Ok(Self::Upgrade),
            '6' => Ok(Self::Noop),
            binary_text::MARK => Ok(Self::Message(Message::Binary(binary_text::read(&payload)?))),
            came => Err(PacketError::UnknownType { came }),
        }
        // ANCHOR_END: step_8_1
    }
}

/// A type and a payload.
fn text(kind: char, payload: &str) -> Frame {
    let mut text = String::with_capacity(kind.len_utf8() + payload.len());
    text.push(kind);
    text.push_str(payload);
    Frame::Text(text.into())
}
