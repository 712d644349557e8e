use std::error::Error;
use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;

use crate::DisconnectReason;

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Dial, and report how it went.
    Dial(Dial),
    /// End this dial, or the connection that it became. Nothing about it needs to be
    /// reported.
    HangUp(Dial),
    /// Tell the application.
    Event(ManagerEvent),
}

/// Which dial: what is reported about an earlier one comes too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dial(pub(crate) u64);

/// News for the application. It is shown in the words of the reference.
#[derive(Clone, Debug)]
pub enum ManagerEvent {
    /// The connection is open.
    Open,
    /// A dial failed.
    Error(DialError),
    /// The connection has ended, or was given up before it was open.
    Close(DisconnectReason),
    /// The attempt with this number begins.
    ReconnectAttempt(u32),
    /// The connection is open again, after so many attempts.
    Reconnect(u32),
    /// The attempt failed. [`ManagerEvent::Error`] has told of it, too.
    ReconnectError(DialError),
    /// No attempt is left. As in the reference, this comes before the last
    /// [`ManagerEvent::ReconnectError`].
    ReconnectFailed,
}

impl Display for ManagerEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("open"),
            Self::Error(error) => write!(f, "error: {error}"),
            Self::Close(reason) => write!(f, "close: {reason}"),
            Self::ReconnectAttempt(number) => write!(f, "reconnect_attempt {number}"),
            Self::Reconnect(attempts) => write!(f, "reconnect {attempts}"),
            Self::ReconnectError(error) => write!(f, "reconnect_error: {error}"),
            Self::ReconnectFailed => f.write_str("reconnect_failed"),
        }
    }
}

/// Why a dial came to nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DialError {
    /// It took too long.
    #[error("expected the connection to open within {limit:?}, and it did not")]
    TimedOut {
        /// [`Reconnection::connect_timeout`](crate::Reconnection::connect_timeout).
        limit: Duration,
    },
    /// As whoever dialled says.
    #[error(transparent)]
    Failed(Arc<dyn Error + Send + Sync>),
}
