use hyper::StatusCode;
use thiserror::Error;

/// Why a request is refused.
///
/// The text says what was expected, what came and what to do: it is the body of the response. A page
/// never gets to see it: its browser tells it only that no WebSocket was opened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Nothing is at that path.
    #[error("expected the path / or /chat, came {came}")]
    NotFound {
        /// The path.
        came: String,
    },
    /// The page cannot be changed.
    #[error("expected GET or HEAD, came {came}")]
    Method {
        /// The method.
        came: String,
    },
    /// No handshake, or one that is not granted.
    #[error(transparent)]
    Handshake(#[from] websocket_handshake::Refusal),
    /// Everybody who may be here is here.
    #[error(
        "expected at most {limit} connections (max_connections), came one more; try again later"
    )]
    Full {
        /// How many may be here.
        limit: usize,
    },
    /// The server is about to end.
    #[error("expected a request before the server stops, came one after; try again later")]
    Stopping,
}

impl Refusal {
    /// The status that says it in three digits.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Handshake(refusal) => StatusCode::from_u16(refusal.status().code())
                .expect("lesson 04 answers with statuses of three digits"),
            Self::Full { .. } | Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
