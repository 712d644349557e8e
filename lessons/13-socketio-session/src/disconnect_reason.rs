use engineio_session::CloseReason;
use thiserror::Error;

use crate::Violation;

/// Why a socket is no more.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The client left the namespace.
    #[error("the client left the namespace")]
    ByClient,
    /// We made it leave.
    #[error("the server disconnected the socket")]
    ByServer,
    /// This server stops.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// The client said something that ends its connection.
    #[error("{0}")]
    Violation(Violation),
    /// The connection below ended.
    #[error("{0}")]
    Closed(CloseReason),
}

impl DisconnectReason {
    /// The reference's word for it, which its users know.
    #[must_use]
    pub fn reference_name(&self) -> &'static str {
        match self {
            Self::ByClient => "client namespace disconnect",
            Self::ByServer => "server namespace disconnect",
            Self::ShuttingDown => "server shutting down",
            Self::Violation(violation) => violation.reference_name(),
            Self::Closed(reason) => reason.reference_name(),
        }
    }
}
