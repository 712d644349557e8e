use crate::target::split_uri;
use crate::{Headers, RequestLine, Version};

/// What a client asks for: all of it has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// [Path](Self::path) and [query](Self::query). Otherwise `*`, with `OPTIONS`, or a host and its
    /// port, with `CONNECT`.
    pub target: String,
    /// The version of HTTP that the client speaks.
    pub version: Version,
    /// The headers, in the order in which they came.
    pub headers: Headers,
    /// The body; empty when there was none.
    pub body: Vec<u8>,
}

impl Request {
    /// A server "MUST accept" a whole URI as the target, and then "MUST ignore the received Host header
    /// field (if any) and instead replace it with the host information of the request-target" (RFC
    /// 9112, section 3.2.2). What is left is a target like any other.
    pub(crate) fn new(line: RequestLine, mut headers: Headers, body: Vec<u8>) -> Self {
        let RequestLine { method, mut target, version } = line;
        if let Some((host, rest)) = split_uri(&target) {
            headers.replace("Host", host);
            let slash = if rest.starts_with('/') { "" } else { "/" };
            target = format!("{slash}{rest}");
        }
        Self { method, target, version, headers, body }
    }

    /// The target up to its first `?`, as it was sent: nothing in it is decoded.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(&self.target, |(path, _)| path)
    }

    /// The target after its first `?`; empty when there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}
