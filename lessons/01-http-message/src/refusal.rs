use thiserror::Error;

use crate::{Response, Status};

/// Why a request is refused. All of these are the client's doing.
///
/// The text says what was expected, what came and what to do: it is the body of the
/// [response](Self::to_response), and the client's author is the one who reads it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Not the three parts of a request line.
    #[error("expected a request line like `GET /path HTTP/1.1`, came `{came}`")]
    RequestLine {
        /// The beginning of the line.
        came: String,
    },
    /// HTTP, but not HTTP/1.
    #[error("expected HTTP/1.1 or HTTP/1.0, came `{came}`; this server speaks no other version")]
    Version {
        /// The version.
        came: String,
    },
    /// The method is longer than any that the server knows.
    #[error("expected a method of at most {limit} bytes (max_method), came a longer one")]
    MethodTooLong {
        /// In bytes.
        limit: usize,
    },
    /// The request line is too long, and its target is what makes it so.
    #[error(
        "expected a request line of at most {limit} bytes (max_line), came a longer one; shorten the target"
    )]
    TargetTooLong {
        /// In bytes.
        limit: usize,
    },
    /// No header name, or no colon after it.
    #[error("expected a header like `Name: value`, came `{came}`")]
    HeaderLine {
        /// The beginning of the line.
        came: String,
    },
    /// A header continued on a second line.
    #[error(
        "expected each header on one line, came a line that begins with white space: `{came}`; join the lines"
    )]
    Folded {
        /// The beginning of the line.
        came: String,
    },
    /// White space where a header's name ends.
    #[error(
        "expected a colon right after the header's name, came white space: `{came}`; remove it"
    )]
    SpaceBeforeColon {
        /// The beginning of the line.
        came: String,
    },
    /// CR without LF, NUL, or another control character but the tab.
    #[error("expected no control character within a header, came `{came}`; lines end with CR LF")]
    ControlCharacter {
        /// The beginning of the line.
        came: String,
    },
    /// A header line is too long.
    #[error("expected a header line of at most {limit} bytes (max_line), came a longer one")]
    HeaderTooLong {
        /// In bytes.
        limit: usize,
    },
    /// Too many header lines.
    #[error("expected at most {limit} headers (max_headers), came more")]
    TooManyHeaders {
        /// How many are taken.
        limit: usize,
    },
    /// No host, or several.
    #[error("expected one Host header, came {came}; HTTP/1.1 needs exactly one")]
    HostCount {
        /// How many came.
        came: usize,
    },
    /// More than a host and a port, or something else.
    #[error("expected a Host like `example.org` or `example.org:8080`, came `{came}`")]
    Host {
        /// The value.
        came: String,
    },
    /// Not a length.
    #[error("expected a Content-Length of digits only, came `{came}`")]
    ContentLength {
        /// The value.
        came: String,
    },
    /// Two lengths for one body.
    #[error("expected one Content-Length, came `{first}` and `{other}`; send the right one")]
    ContentLengthsDiffer {
        /// The first length.
        first: String,
        /// One that is not the same.
        other: String,
    },
    /// Two ways to tell where the body ends.
    #[error("expected Content-Length or Transfer-Encoding, came both; send one of them")]
    LengthAndCoding,
    /// A body that tells its length as it comes, which this server does not read.
    #[error(
        "expected a body with a Content-Length, came Transfer-Encoding `chunked`; send the length instead"
    )]
    LengthRequired,
    /// A coding from which nobody can tell where the body ends.
    #[error(
        "expected `chunked` as the last Transfer-Encoding, came `{came}`; send a Content-Length"
    )]
    TransferCoding {
        /// The last coding.
        came: String,
    },
    /// The body is announced to be too long.
    #[error("expected a body of at most {limit} bytes (max_body), came a Content-Length of {came}")]
    BodyTooLarge {
        /// In bytes.
        limit: usize,
        /// In bytes.
        came: u64,
    },
}

impl Refusal {
    /// The status that the RFC asks for.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Version { .. } => Status::HTTP_VERSION_NOT_SUPPORTED,
            Self::MethodTooLong { .. } => Status::NOT_IMPLEMENTED,
            Self::LengthRequired => Status::LENGTH_REQUIRED,
            Self::TargetTooLong { .. } => Status::URI_TOO_LONG,
            Self::HeaderTooLong { .. } | Self::TooManyHeaders { .. } => {
                Status::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Self::BodyTooLarge { .. } => Status::CONTENT_TOO_LARGE,
            _ => Status::BAD_REQUEST,
        }
    }

    /// The answer to the client. It announces that the connection will be closed.
    #[must_use]
    pub fn to_response(&self) -> Response {
        Response::text(self.status(), format!("{self}\n")).closing()
    }

    pub(crate) fn request_line(came: &[u8]) -> Self {
        Self::RequestLine { came: shown(came) }
    }

    pub(crate) fn version(came: &[u8]) -> Self {
        Self::Version { came: shown(came) }
    }

    pub(crate) fn header_line(came: &[u8]) -> Self {
        Self::HeaderLine { came: shown(came) }
    }

    pub(crate) fn folded(came: &[u8]) -> Self {
        Self::Folded { came: shown(came) }
    }

    pub(crate) fn space_before_colon(came: &[u8]) -> Self {
        Self::SpaceBeforeColon { came: shown(came) }
    }

    pub(crate) fn control_character(came: &[u8]) -> Self {
        Self::ControlCharacter { came: shown(came) }
    }

    pub(crate) fn host(came: &[u8]) -> Self {
        Self::Host { came: shown(came) }
    }

    pub(crate) fn content_length(came: &[u8]) -> Self {
        Self::ContentLength { came: shown(came) }
    }

    pub(crate) fn content_lengths_differ(first: &[u8], other: &[u8]) -> Self {
        Self::ContentLengthsDiffer { first: shown(first), other: shown(other) }
    }

    pub(crate) fn transfer_coding(came: &[u8]) -> Self {
        Self::TransferCoding { came: shown(came) }
    }
}

/// As much of what came as fits in a message, with nothing in it that a terminal would obey.
fn shown(came: &[u8]) -> String {
    const MOST: usize = 60;
    let dots = if came.len() > MOST { "…" } else { "" };
    format!("{}{dots}", came[..came.len().min(MOST)].escape_ascii())
}
