use bytes::Bytes;
use bytestring::ByteString;

use crate::{Frame, Message, Packet, PacketError};

/// A message, encoded once, for any number of peers: a clone shares the bytes. (A binary message is
/// turned into base64 in each payload that it travels in.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedMessage(Frame);

impl EncodedMessage {
    /// A text that begins with the packet's type already. A layer above that writes its own header
    /// writes the `4` before it, and saves a copy.
    ///
    /// # Errors
    ///
    /// [`PacketError::NotAMessage`] if it does not begin with `4`.
    pub fn from_encoded_text(text: ByteString) -> Result<Self, PacketError> {
        match text.chars().next() {
            Some('4') => Ok(Self(Frame::Text(text))),
            came => Err(PacketError::NotAMessage { came }),
        }
    }

    /// Any bytes: they travel as they are.
    #[must_use]
    pub fn from_bytes(bytes: Bytes) -> Self {
        Self(Frame::Binary(bytes))
    }

    /// As it travels.
    #[must_use]
    pub fn into_frame(self) -> Frame {
        self.0
    }

    /// As it travels.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.0
    }
}

impl<M: Into<Message>> From<M> for EncodedMessage {
    fn from(message: M) -> Self {
        Self(Packet::Message(message.into()).encode())
    }
}
