use std::fmt;
use std::net::SocketAddr;

use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;

use crate::Refusal;

/// The longest head, in bytes: each session keeps one.
pub(crate) const MAX_HEAD: usize = 16 << 10;

/// What the request that opened a session said, without its body.
///
/// It is a copy of a few hundred bytes, in the form that it had on the wire. hyper's own headers are
/// slices of the buffer that it read them into: whoever keeps one of them keeps all of it.
pub struct RequestHead {
    target: Box<str>,
    /// `name: value\r\n`, for each header.
    headers: Box<[u8]>,
    peer: Option<SocketAddr>,
}

impl RequestHead {
    pub(crate) fn copy(parts: &Parts, peer: Option<SocketAddr>) -> Result<Self, Refusal> {
        let line =
            |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
        let mut headers = Vec::with_capacity(parts.headers.iter().map(line).sum());
        for (name, value) in &parts.headers {
            headers.extend_from_slice(name.as_str().as_bytes());
            headers.extend_from_slice(b": ");
            headers.extend_from_slice(value.as_bytes());
            headers.extend_from_slice(b"\r\n");
        }
        let target = parts.uri.to_string();
        if target.len() + headers.len() > MAX_HEAD {
            return Err(Refusal::LongHead { limit: MAX_HEAD });
        }
        Ok(Self { target: target.into(), headers: headers.into(), peer })
    }

    /// The path and the query, as they came.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// What follows the `?`, as it came.
    #[must_use]
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The value of `key` in the query, decoded; the last one, if it is there twice.
    #[must_use]
    pub fn query_value(&self, key: &str) -> Option<String> {
        form_urlencoded::parse(self.query().as_bytes())
            .filter(|(name, _)| name == key)
            .last()
            .map(|(_, value)| value.into_owned())
    }

    /// The first header of this name, which is compared without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All headers, their names in small letters.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.split_inclusive(|byte| *byte == b'\n').map(|line| {
            let line = line.strip_suffix(b"\r\n").unwrap_or(line);
            let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
            let name = std::str::from_utf8(&line[..colon]).unwrap_or_default();
            (name, line.get(colon + 2..).unwrap_or_default())
        })
    }

    /// The other end of the connection, if the server knows it. Behind a proxy this is the proxy.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }
}

/// For a log: without the query and the headers' values, for any of them may be a secret.
impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.target.split('?').next().unwrap_or_default();
        let headers: Vec<_> = self.headers().map(|(name, _)| name).collect();
        f.debug_struct("RequestHead")
            .field("path", &path)
            .field("headers", &headers)
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}
