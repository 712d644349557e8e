use thiserror::Error;

use crate::CloseReason;

/// Why an input was not taken. Over HTTP it is answered with 400; a WebSocket is closed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Rejected {
    /// The session ended because of it.
    #[error("the session was closed: {0}")]
    Fatal(CloseReason),
    /// The session had ended before.
    #[error("the session is closed")]
    Closed,
    /// The session has moved to its WebSocket, or began on one.
    #[error("expected packets on the session's WebSocket, came an HTTP request")]
    OnWebSocket,
    /// The session has a WebSocket, or is trying one. It stays as it is.
    #[error("expected one WebSocket for a session, came a second")]
    SecondWebSocket,
    /// This server does not let sessions move.
    #[error("expected no WebSocket for this session; upgrades are not allowed here")]
    UpgradesNotAllowed,
}
