use thiserror::Error;

/// Why what came is no packet. All of these are the peer's doing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PacketError {
    /// Nothing where a packet should be.
    #[error("expected a packet that begins with its type, 0 to 6, came an empty one")]
    Empty,
    /// The first character is no type.
    #[error("expected a packet type from 0 to 6, or b for base64, came {came:?}")]
    UnknownType {
        /// The first character.
        came: char,
    },
    /// The text after a `b` is not base64.
    #[error("expected base64 after b: {0}")]
    Base64(#[source] base64::DecodeError),
    /// The text after a `0` is not the JSON of a handshake.
    #[error("expected the JSON of a handshake after 0: {problem}")]
    Handshake {
        /// What serde_json says.
        problem: String,
    },
    /// No transport has this name.
    #[error("expected the transport polling or websocket, came {came:?}")]
    UnknownTransport {
        /// The name.
        came: String,
    },
}
