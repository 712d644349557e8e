use bytes::Bytes;
use bytestring::ByteString;

use crate::binary_text;

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
            Self::Binary(_) => {
                let mut text = String::with_capacity(self.text_len());
                self.append_to(&mut text);
                text.into()
            }
        }
    }

    /// How long [`Frame::to_text`] is, in bytes.
    #[must_use]
    pub fn text_len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => binary_text::len(bytes.len()),
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

    /// Appends [`Frame::to_text`].
    pub(crate) fn append_to(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Binary(bytes) => binary_text::write(bytes, out),
        }
    }
}
