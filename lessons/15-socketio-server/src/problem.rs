use socketio_packet::{ByteString, EncodeError};
use socketio_session::{DisconnectReason, Refusal};
use thiserror::Error;

/// What went wrong, and nobody who waits for an answer hears of. See [`Builder::on_problem`](crate::Builder::on_problem).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// A value of ours could not be written, and was not sent.
    #[error("expected to send {name:?}: {error}")]
    Encode {
        /// The event.
        name: String,
        /// Why not.
        error: EncodeError,
    },
    /// A handler refused an event whose sender does not wait for an answer.
    #[error("an event was refused: {refusal}")]
    Refused {
        /// What the handler said.
        refusal: Refusal,
    },
    /// A handler panicked. Its socket goes on with the next event.
    #[error("expected the handler of {name:?} to return, it panicked")]
    Panicked {
        /// The event.
        name: String,
    },
    /// Nobody handles an event.
    #[error("expected a handler for {:?}, there is none", beginning_of(name))]
    NoHandler {
        /// The event.
        name: ByteString,
    },
    /// A connection was closed because of what its client did.
    #[error("a connection was closed: {reason}")]
    Closed {
        /// What that was.
        reason: DisconnectReason,
    },
}

/// A client chooses the name, and this goes into a log.
fn beginning_of(name: &str) -> String {
    name.chars().take(60).collect()
}
