use std::io;
use std::time::Duration;

use http_message::{Refusal, Response, Status};
use thiserror::Error;

/// Why a request that had begun did not become one. The connection cannot go on after it.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    /// Its bytes are not a request that this server takes.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It did not arrive in time.
    #[error(
        "expected a whole request within {deadline:?} (request_deadline), came a part of it; send it faster, or send less"
    )]
    TooSlow {
        /// From the first byte on.
        deadline: Duration,
    },
    /// The client closed its side in the middle.
    #[error(
        "expected the rest of a request, came the end of what the client sends; an empty line ends a head"
    )]
    Incomplete,
    /// There is nobody to answer any more.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
}

impl Fault {
    /// The answer to the client, while there is a client. It announces that the connection closes.
    pub(crate) fn to_response(&self) -> Option<Response> {
        let status = match self {
            Self::Refused(refusal) => return Some(refusal.to_response()),
            Self::TooSlow { .. } => Status::REQUEST_TIMEOUT,
            Self::Incomplete => Status::BAD_REQUEST,
            Self::Broken(_) => return None,
        };
        Some(Response::text(status, format!("{self}\n")).closing())
    }
}
