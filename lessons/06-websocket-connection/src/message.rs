use websocket_frame::Opcode;

/// What one application says to the other, in one frame or in several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Text. On the wire it is UTF-8, and nothing else is taken for it.
    Text(String),
    /// Any bytes.
    Binary(Vec<u8>),
}

impl Message {
    /// What its first frame is called, and what its frames carry.
    pub(crate) fn as_frame(&self) -> (Opcode, &[u8]) {
        match self {
            Self::Text(text) => (Opcode::Text, text.as_bytes()),
            Self::Binary(bytes) => (Opcode::Binary, bytes),
        }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&[u8]> for Message {
    fn from(bytes: &[u8]) -> Self {
        Self::Binary(bytes.to_vec())
    }
}
