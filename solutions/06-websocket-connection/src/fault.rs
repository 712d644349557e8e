use thiserror::Error;
use websocket_frame::{FrameError, Opcode};

use crate::CloseCode;

/// What the peer did that ends the connection.
///
/// The text is the reason of the close frame that tells the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// A frame that is none.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// There is no message that could go on.
    #[error("expected a text or binary frame, came a continuation; no message has begun")]
    NothingToContinue,
    /// A message goes on in frames of the opcode 0.
    #[error("expected a continuation, came a {came} frame; finish the message first")]
    Unfinished {
        /// What began.
        came: Opcode,
    },
    /// Its frames are too long together, by what their headers say.
    #[error("expected a message of at most {limit} bytes (max_message), came {came}; send less")]
    MessageTooLarge {
        /// In bytes.
        limit: usize,
        /// In bytes.
        came: u64,
    },
    /// Not text.
    #[error("expected text in UTF-8, came other bytes; send them as binary")]
    NotUtf8,
    /// A close frame with a payload of one byte.
    #[error("expected a close code of two bytes, or none, came one byte")]
    HalfCloseCode,
    /// A number that says nothing, or that may not travel.
    #[error("expected a close code like 1000 or 4000, came {came}, which may not be sent")]
    CloseCode {
        /// The number.
        came: u16,
    },
    /// A close frame whose reason is not text.
    #[error("expected a close reason in UTF-8, came other bytes")]
    CloseReason,
}

impl Fault {
    /// The code to close the connection with (RFC 6455, section 7.4.1).
    #[must_use]
    pub fn close_code(&self) -> CloseCode {
        match self {
            Self::MessageTooLarge { .. } => CloseCode::TOO_LARGE,
            Self::NotUtf8 | Self::CloseReason => CloseCode::INVALID_TEXT,
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }
}
