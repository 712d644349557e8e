use thiserror::Error;

/// Why a text is not what it should be. All but [`NotAMessage`](Self::NotAMessage) are the peer's doing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PacketError {
    /// Nothing where a packet should be.
    #[error("expected a packet type from 0 to 6, or b for base64, came nothing")]
    Empty,
    /// The first character is no type.
    #[error("expected a packet type from 0 to 6, or b for base64, came {came:?}")]
    UnknownType {
        /// The first character.
        came: char,
    },
    /// The text after a `b` is not base64.
    #[error("expected base64 after b, came {}", mistake(.0))]
    Base64(#[source] base64::DecodeError),
    /// The text after a `0` is not the JSON of a handshake.
    #[error("expected the JSON of a handshake after 0, came something else: {problem}")]
    Handshake {
        /// What serde_json says.
        problem: String,
    },
    /// Our own mistake: a text that was to travel as it is does not begin as a message does.
    #[error("expected an encoded message, came {}; write the type, 4, before it", first_of(*came))]
    NotAMessage {
        /// The first character, if there is one.
        came: Option<char>,
    },
    /// No transport that we speak has this name.
    #[error("expected the transport polling or websocket, came {came:?}")]
    UnknownTransport {
        /// The name.
        came: String,
    },
}

fn mistake(error: &base64::DecodeError) -> String {
    match error {
        base64::DecodeError::InvalidByte(offset, byte) => {
            format!("'{}' at offset {offset}", byte.escape_ascii())
        }
        _ => "a text whose end is missing or wrong".to_owned(),
    }
}

fn first_of(text: Option<char>) -> String {
    text.map_or("nothing".to_owned(), |first| format!("a text that begins with {first:?}"))
}
