use hyper::StatusCode;
use thiserror::Error;

/// Why a request is not served.
///
/// Codes 0 to 5 and their words are the reference's, byte for byte: its clients look at them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The query names no transport, or one that is not offered.
    #[error("Transport unknown")]
    UnknownTransport,
    /// No session has this id: it ended, or lives on another server.
    #[error("Session ID unknown")]
    UnknownSid,
    /// A session begins with a GET.
    #[error("Bad handshake method")]
    BadHandshakeMethod,
    /// The request fits no session in this state.
    #[error("Bad request")]
    BadRequest,
    /// [`allow_request`](crate::Builder::allow_request) said no, and why.
    #[error("{message}")]
    Forbidden {
        /// What the client is told.
        message: String,
    },
    /// The query says another version than `EIO=4`.
    #[error("Unsupported protocol version")]
    UnsupportedVersion,
    /// The session did not take the request.
    #[error("{reason}")]
    Rejected {
        /// What the session says.
        reason: String,
    },
    /// No GET, and no POST.
    #[error("expected GET or POST, came {came}")]
    Method {
        /// The method.
        came: String,
    },
    /// The path belongs to nobody.
    #[error("expected a path that begins with {expected}, came {came}")]
    NotFound {
        /// Where sessions are.
        expected: String,
        /// The path.
        came: String,
    },
    /// No `Host`, or several: who is asked?
    #[error("expected one Host header, came {came}")]
    Host {
        /// How many.
        came: usize,
    },
    /// A head over the limit, where somebody else's limit is higher.
    #[error("expected a target and headers of at most {limit} bytes, came longer ones")]
    LongHead {
        /// In bytes.
        limit: usize,
    },
    /// A body over the limit.
    #[error("expected a body of at most {limit} bytes (max_payload), came a longer one")]
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// A body that does not end.
    #[error("expected the whole body within {seconds} s (body_timeout), came a part of it")]
    TooSlow {
        /// In seconds.
        seconds: u64,
    },
    /// A body that is no payload.
    #[error("expected a body of text in UTF-8, came {came}; send bytes as b and base64")]
    NotText {
        /// What it is.
        came: &'static str,
    },
    /// As many sessions as there may be.
    #[error("expected at most {limit} sessions (max_sessions), came one more; try again later")]
    Full {
        /// How many there may be.
        limit: usize,
    },
    /// The server is about to end.
    #[error("expected a request before the server stops, came one after; try again later")]
    Stopping,
    /// What asks for a WebSocket is no handshake.
    #[error(transparent)]
    Handshake(#[from] websocket_handshake::Refusal),
}

impl Refusal {
    /// The `code` in the body. What the reference has no code for is a bad request.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::UnknownTransport => 0,
            Self::UnknownSid => 1,
            Self::BadHandshakeMethod => 2,
            Self::Forbidden { .. } => 4,
            Self::UnsupportedVersion => 5,
            _ => 3,
        }
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::LongHead { .. } => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Full { .. } | Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Self::Handshake(refusal) => StatusCode::from_u16(refusal.status().code())
                .expect("lesson 04 answers with statuses of three digits"),
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The body: what the reference's clients read.
    pub(crate) fn to_json(&self) -> String {
        // ANCHOR: step_10_1_b
        let message = serde_json::Value::from(self.to_string());
        format!(r#"{{"code":{},"message":{message}}}"#, self.code())
        // ANCHOR_END: step_10_1_b
    }
}

impl From<engineio_session::Rejected> for Refusal {
    fn from(rejected: engineio_session::Rejected) -> Self {
        use engineio_session::Rejected;
        match rejected {
            Rejected::Closed => Self::UnknownSid,
            Rejected::OnWebSocket => Self::BadRequest,
            rejected => Self::Rejected { reason: rejected.to_string() },
        }
    }
}
