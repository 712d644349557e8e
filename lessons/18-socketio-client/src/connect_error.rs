use socketio_session::Refusal;
use thiserror::Error;

use crate::{DialError, DisconnectReason, SettingError};

/// Why a socket is not connected.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// There can be no client with these settings.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The server cannot be reached. Whoever goes on holding the socket has it tried again, as
    /// [`Builder::reconnection`](crate::Builder::reconnection) says.
    #[error(transparent)]
    Unreachable(#[from] DialError),
    /// The server says no. It is not asked again before [`Socket::connect`](crate::Socket::connect).
    #[error("the server refused the connection: {0}")]
    Refused(Refusal),
    /// The connection broke, or somebody disconnected, before the server said yes.
    #[error("expected the server's yes or no, but the socket has been disconnected: {0}")]
    Disconnected(DisconnectReason),
}
