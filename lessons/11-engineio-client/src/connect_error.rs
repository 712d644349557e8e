use engineio_packet::Transport;
use thiserror::Error;

use crate::{SettingError, TransportError};

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConnectError {
    /// There can be none with these settings.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// None of the transports that were tried carries a session.
    #[error("no connection, {}", each(.0))]
    NoTransport(Vec<Attempt>),
}

/// One transport that was tried, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("by {transport}: {error}")]
pub struct Attempt {
    /// The transport.
    pub transport: Transport,
    /// Why it is no good.
    pub error: TransportError,
}

fn each(attempts: &[Attempt]) -> String {
    attempts.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
