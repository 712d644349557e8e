use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use bytestring::ByteString;

use crate::PacketError;

/// Peers disagree on the padding, so both ways are read; we write it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One packet as it travels: one WebSocket message, or one piece of a polling payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The packet's type and its payload.
    Text(ByteString),
    /// A binary message.
    Binary(Bytes),
}

impl Frame {
    /// The frame as text alone can say it: `b` and base64, for bytes. So it is in a polling payload,
    /// and over a WebSocket for a client that asked for `b64=1`.
    #[must_use]
    pub fn to_text(&self) -> ByteString {
        match self {
            Self::Text(text) => text.clone(),
            Self::Binary(bytes) => {
                let mut text = String::with_capacity(self.text_len());
                text.push('b');
                BASE64.encode_string(bytes, &mut text);
                text.into()
            }
        }
    }

    /// How long [`Frame::to_text`] is, in bytes.
    #[must_use]
    pub fn text_len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => 1 + bytes.len().div_ceil(3) * 4,
        }
    }

    /// How long it is over a WebSocket, in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether it is an empty frame: an empty binary message, or no packet at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A packet's type and its payload.
pub(crate) fn text(kind: char, payload: &str) -> Frame {
    let mut text = String::with_capacity(1 + payload.len());
    text.push(kind);
    text.push_str(payload);
    Frame::Text(text.into())
}

pub(crate) fn from_base64(text: &str) -> Result<Bytes, PacketError> {
    BASE64.decode(text).map(Bytes::from).map_err(PacketError::Base64)
}
