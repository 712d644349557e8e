use thiserror::Error;
use tokio_tungstenite::tungstenite::Error as SocketError;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::Limits;

/// "All control frames MUST have a payload length of 125 bytes or less" (RFC 6455, section 5.5), and
/// the close code takes two of them.
const MAX_REASON: usize = 123;

/// How a conversation ended. The text is for those who stay.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Ending {
    /// The client said goodbye.
    #[error("closed the connection")]
    Closed,
    /// The connection ended, and nobody had said goodbye.
    #[error("lost the connection")]
    Lost,
    /// No answer to a ping.
    #[error("did not answer for {seconds} s")]
    Silent {
        /// Since it was heard last.
        seconds: u64,
    },
    /// More came than the client read.
    #[error("did not keep up with the room")]
    TooSlow {
        /// [`Limits::max_unread`].
        limit: usize,
    },
    /// The client took too long over what was sent to it.
    #[error("stopped reading")]
    Stuck {
        /// [`Limits::write_deadline`].
        seconds: u64,
    },
    /// A message that is too long.
    #[error("sent too long a message")]
    TooLong {
        /// [`Limits::max_message`].
        limit: usize,
    },
    /// A text that is not UTF-8.
    #[error("sent a text that is not UTF-8")]
    NotText,
    /// A frame that breaks the rules of the protocol.
    #[error("broke the protocol")]
    Broken {
        /// Which rule.
        rule: String,
    },
    /// The server stops.
    #[error("the server stops")]
    Stopping,
}

impl Ending {
    /// What the failure of a socket means.
    pub(crate) fn of(error: &SocketError, limits: &Limits) -> Self {
        // ANCHOR: step_7_5_b
        match error {
            SocketError::Capacity(_) => Self::TooLong { limit: limits.max_message },
            SocketError::Utf8(_) => Self::NotText,
            SocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Lost,
            SocketError::Protocol(rule) => Self::Broken { rule: rule.to_string() },
            _ => Self::Lost,
        }
        // ANCHOR_END: step_7_5_b
    }

    /// What to tell the client before the connection closes (RFC 6455, section 7.4.1); `None` when it
    /// has said goodbye itself, or is not there any more.
    #[must_use]
    pub fn close_frame(&self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Closed | Self::Lost | Self::Silent { .. } => return None,
            Self::TooSlow { limit } => (
                CloseCode::Policy,
                format!(
                    "expected at most {limit} bytes unread (max_unread), came more; read faster"
                ),
            ),
            Self::Stuck { seconds } => (
                CloseCode::Policy,
                format!(
                    "expected you to read what was sent within {seconds} s (write_deadline), came the end of it"
                ),
            ),
            Self::TooLong { limit } => (
                CloseCode::Size,
                format!("expected a message of at most {limit} bytes (max_message), came more"),
            ),
            Self::NotText => {
                (CloseCode::Invalid, "expected UTF-8 in a text, came other bytes".to_owned())
            }
            Self::Broken { rule } => {
                (CloseCode::Protocol, format!("expected frames of RFC 6455, came others: {rule}"))
            }
            Self::Stopping => (CloseCode::Away, "the server stops; connect again later".to_owned()),
        };
        let end = reason.floor_char_boundary(MAX_REASON);
        Some(CloseFrame { code, reason: reason[..end].into() })
    }
}
