use buffering::{Dropped, EarlyFlood, NoAnswer};
use engineio_client::SendError;
use socketio_packet::{ByteString, DecodeError, EncodeError};
use socketio_session::Refusal;
use thiserror::Error;

/// What went wrong, and nobody who waits for an answer hears of. See
/// [`Builder::on_problem`](crate::Builder::on_problem).
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
    /// A packet was not sent: there was no connection, and no room.
    #[error(transparent)]
    Dropped(#[from] Dropped),
    /// An event was sent as often as [`Builder::retries`](crate::Builder::retries) says, and never answered.
    #[error("an event was given up after the last of its retries: {0}")]
    GivenUp(NoAnswer),
    /// A packet was not sent: the server takes nothing, or nothing so long.
    #[error(transparent)]
    NotSent(#[from] SendError),
    /// A handler refused an event whose sender does not wait for an answer.
    #[error("an event was refused: {refusal}")]
    Refused {
        /// What the handler said.
        refusal: Refusal,
    },
    /// A handler panicked. Its socket goes on.
    #[error("expected the handler of {name:?} to return, it panicked")]
    Panicked {
        /// The event; or `auth`, `connect`, `connect_error` or `disconnect`.
        name: String,
    },
    /// Nobody handles an event.
    #[error("expected a handler for {name:?}, there is none")]
    NoHandler {
        /// The event.
        name: ByteString,
    },
    /// What `auth` gave is no object. The server was not asked.
    #[error("expected auth to give a JSON object, came {came}")]
    Auth {
        /// What it gave.
        came: serde_json::Value,
    },
    /// More events wait for handlers than may, and reading had to go on, since a call awaits its answer. The
    /// connection was closed.
    #[error(
        "the connection was closed: expected at most {limit} bytes of events to wait for handlers while a call \
         awaits its answer, came more; make the handlers quicker, or max_pending larger"
    )]
    TooMuchPending {
        /// Twice [`Builder::max_pending`](crate::Builder::max_pending).
        limit: usize,
    },
    /// What the server sent is no packet. The connection was closed.
    #[error("the connection was closed: {0}")]
    Malformed(#[from] DecodeError),
    /// More came before the server's yes than may wait. The connection was closed.
    #[error("the connection was closed: {0}")]
    EarlyFlood(#[from] EarlyFlood),
}
