use std::time::Duration;

use socketio_packet::{ArgsError, DecodeError, Namespace};
use thiserror::Error;

/// What a client must not do. Each ends its connection.
///
/// A client chose the namespace, and whoever logs why a socket left has it in a line: its beginning, and no line break.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Violation {
    /// What came is no packet.
    #[error(transparent)]
    Malformed(DecodeError),
    /// What came as arguments, are none.
    #[error(transparent)]
    MalformedArgs(ArgsError),
    /// It speaks where it has not been let in.
    #[error("expected a CONNECT to {} that was answered first, came {came}", nsp.beginning().escape_debug())]
    NotConnected {
        /// Where.
        nsp: Namespace,
        /// The packet's name.
        came: &'static str,
    },
    /// It asks for what it has, or waits for already.
    #[error("expected one CONNECT to {}, came a second", nsp.beginning().escape_debug())]
    ConnectedTwice {
        /// Where.
        nsp: Namespace,
    },
    /// Only a server sends these.
    #[error("expected a packet of a client, came a CONNECT_ERROR")]
    ConnectError,
    /// It never joined a namespace.
    #[error("expected to join a namespace within {limit:?} (connect_timeout), came none")]
    NoNamespace {
        /// The timeout.
        limit: Duration,
    },
}

impl Violation {
    /// The reference's word for it, which its users know.
    #[must_use]
    pub fn reference_name(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::MalformedArgs(_) => "forced close",
            _ => "forced server close",
        }
    }
}
