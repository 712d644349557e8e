use engineio_packet::PacketError;
use thiserror::Error;

/// Why a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// We closed it.
    #[error("closed by the client")]
    ByClient,
    /// The server sent a `close` packet.
    #[error("closed by the server")]
    ByServer,
    /// The WebSocket ended without a `close` packet.
    #[error("the WebSocket ended: {problem}")]
    WebSocketClosed {
        /// How.
        problem: String,
    },
    /// A GET or a POST failed. Whether what was in it arrived, nobody knows.
    #[error("the {method} failed: {problem}")]
    RequestFailed {
        /// `GET` or `POST`.
        method: &'static str,
        /// What came instead of the answer.
        problem: String,
    },
    /// No ping came.
    #[error("expected a ping every pingInterval, and pingTimeout at most after it, came none")]
    PingTimeout,
    /// What came is no packet.
    #[error("{0}")]
    Malformed(PacketError),
    /// A packet came that a server must not send, or not now.
    #[error("expected a ping, a message, a noop or a close, came {came}")]
    Unexpected {
        /// The packet's name, with its article.
        came: &'static str,
    },
}

impl CloseReason {
    /// Whether the server, which may well be there, does not know that it is over.
    pub(crate) fn is_our_verdict(&self) -> bool {
        matches!(self, Self::Malformed(_) | Self::Unexpected { .. })
    }

    /// The reference's word for it, which its users know.
    #[must_use]
    pub fn reference_name(&self) -> &'static str {
        match self {
            Self::ByClient => "forced close",
            Self::ByServer | Self::WebSocketClosed { .. } => "transport close",
            Self::PingTimeout => "ping timeout",
            Self::RequestFailed { .. } | Self::Malformed(_) | Self::Unexpected { .. } => {
                "transport error"
            }
        }
    }
}
