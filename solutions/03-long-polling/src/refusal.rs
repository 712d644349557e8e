use hyper::StatusCode;
use thiserror::Error;

/// Why a request is refused.
///
/// The text says what was expected, what came and what to do: it is the body of the response, and
/// the client's author is the one who reads it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Nothing is at that path.
    #[error("expected the path / or /messages, came {came}")]
    NotFound {
        /// The path.
        came: String,
    },
    /// Something is at that path, and this is not what can be done with it.
    #[error("expected a method of {allow}, came {came}")]
    Method {
        /// What can be done.
        allow: &'static str,
        /// The method.
        came: String,
    },
    /// A parameter that is no number.
    #[error("expected digits in {name}, came `{came}`; ask like /messages?since=3&wait=25")]
    Number {
        /// `since` or `wait`.
        name: &'static str,
        /// The value.
        came: String,
    },
    /// A parameter that came twice, so that two readers could read two things.
    #[error("expected {name} once, came a second one; remove it")]
    Repeated {
        /// `since` or `wait`.
        name: &'static str,
    },
    /// A body that does not claim to be JSON. A page of another site can send anything else without
    /// asking, so this is also what keeps other sites from posting in a visitor's name.
    #[error("expected the header content-type: application/json, came {came}")]
    ContentType {
        /// The content type.
        came: String,
    },
    /// A body that is no message.
    #[error("expected a body like {{\"text\":\"hello\"}}, came one that cannot be read: {reason}")]
    Body {
        /// What the JSON parser says.
        reason: String,
    },
    /// A body that is too long.
    #[error(
        "expected a body of at most {limit} bytes (max_body), came more; say it in fewer words"
    )]
    BodyTooLarge {
        /// In bytes.
        limit: usize,
    },
    /// A body that does not arrive.
    #[error("expected the whole body within {seconds} s (body_deadline), came only part of it")]
    BodyTooSlow {
        /// In seconds.
        seconds: u64,
    },
    /// A body that breaks off, or whose chunks cannot be told apart.
    #[error("expected the whole body, came one that broke off or cannot be read; send it again")]
    BodyBroken,
    /// More want to wait than may.
    #[error("expected at most {limit} held requests (max_waiters), came one more; ask again later")]
    TooManyWaiters {
        /// How many may wait.
        limit: usize,
    },
}

impl Refusal {
    /// The status that says it in three digits (RFC 9110, section 15.5).
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Number { .. } | Self::Repeated { .. } | Self::Body { .. } | Self::BodyBroken => {
                StatusCode::BAD_REQUEST
            }
            Self::ContentType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::TooManyWaiters { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
