use engineio_packet::PacketError;
use thiserror::Error;

/// Why a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// The client sent a `close` packet.
    #[error("closed by the client")]
    ByClient,
    /// We closed it.
    #[error("closed by the server")]
    ByServer,
    /// The WebSocket ended without a `close` packet.
    #[error("the WebSocket ended")]
    WebSocketClosed,
    /// The client left while its GET or POST was under way.
    #[error("the client left before its request was answered")]
    RequestCancelled,
    /// No pong came.
    #[error("expected an answer to a ping within ping_timeout, came none")]
    PingTimeout,
    /// What came is no packet.
    #[error("{0}")]
    Malformed(PacketError),
    /// A packet came that a client must not send, or not now.
    #[error("{expected}, came a {came} packet")]
    Unexpected {
        /// What would have been right.
        expected: &'static str,
        /// The packet's name.
        came: &'static str,
    },
    /// A second GET came while one was waiting.
    #[error("expected one GET at a time, came a second")]
    ConcurrentGet,
    /// A second POST came while one was being read.
    #[error("expected one POST at a time, came a second")]
    ConcurrentPost,
    /// A WebSocket message came that is longer than this server takes.
    #[error("expected a message of at most {limit} bytes (max_payload), came a longer one")]
    TooLong {
        /// In bytes.
        limit: u64,
    },
    /// What came over the WebSocket breaks its protocol.
    #[error("expected frames of a WebSocket: {problem}")]
    BrokenWebSocket {
        /// What is wrong with them.
        problem: String,
    },
    /// More waits for our own application than may: it took so little for so long that the client's
    /// pong could not be read.
    #[error(
        "expected the application to take what came, {limit} bytes at most, it took too little"
    )]
    NotTaken {
        /// In bytes.
        limit: u64,
    },
    /// More waits for the client than may: it reads too slowly, or not at all.
    #[error("expected at most {limit} bytes to wait for the client (max_buffered), came more")]
    SlowConsumer {
        /// In bytes.
        limit: usize,
    },
}

impl CloseReason {
    /// The reference's word for it, which its users know.
    #[must_use]
    pub fn reference_name(&self) -> &'static str {
        match self {
            Self::ByClient | Self::WebSocketClosed => "transport close",
            Self::ByServer => "forced close",
            Self::PingTimeout => "ping timeout",
            Self::Malformed(_) => "parse error",
            Self::RequestCancelled
            | Self::Unexpected { .. }
            | Self::ConcurrentGet
            | Self::ConcurrentPost
            | Self::TooLong { .. }
            | Self::BrokenWebSocket { .. }
            | Self::NotTaken { .. }
            | Self::SlowConsumer { .. } => "transport error",
        }
    }
}
