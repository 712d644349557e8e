use crate::{Headers, RequestLine, Version};

/// What a client asks for: all of it has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// What it is for, as it was sent: as a rule path and query. Also a whole URI, which a server "MUST
    /// accept", or `*` (RFC 9112, sections 3.2.1 to 3.2.4).
    pub target: String,
    /// The version of HTTP that the client speaks.
    pub version: Version,
    /// The headers, in the order in which they came.
    pub headers: Headers,
    /// The body; empty when there was none.
    pub body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(line: RequestLine, headers: Headers, body: Vec<u8>) -> Self {
        let RequestLine { method, target, version } = line;
        Self { method, target, version, headers, body }
    }
}
