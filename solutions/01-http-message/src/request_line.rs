use crate::Refusal;
use crate::target::is_target;

/// The first line of a request: what to do, to what, in which version.
///
/// # Format
///
/// ```text
/// GET /news?since=3 HTTP/1.1
/// │   │             └ version
/// │   └ target
/// └ method
/// ```
///
/// One space between the parts, and no other white space (RFC 9112, section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// `GET`, `POST`, …; methods are case-sensitive, and there may be others than the known ones.
    pub method: String,
    /// What it is for, as it was sent, in one of the four forms of RFC 9112, section 3.2.
    pub target: String,
    /// The version of HTTP that the client speaks.
    pub version: Version,
}

/// The version of HTTP, of which only major version 1 looks like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// HTTP/1.0: the connection closes after each response, unless both sides say otherwise.
    Http10,
    /// HTTP/1.1, or a later minor version, which is to be treated as the latest one that is known.
    Http11,
}

impl RequestLine {
    /// Reads a request line, its line ending already taken off.
    ///
    /// # Errors
    ///
    /// [`Refusal::RequestLine`] when these are not a method, a target and a version with one space
    /// between them; [`Refusal::Version`] when the version is one that is not spoken here.
    pub fn parse(line: &[u8]) -> Result<Self, Refusal> {
        // ANCHOR: step_1_2
        let refusal = || Refusal::request_line(line);
        let mut parts = line.split(|byte| *byte == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(refusal());
        };
        if !is_token(method) || !is_target(method, target) || !is_version(version) {
            return Err(refusal());
        }
        Ok(Self {
            method: String::from_utf8_lossy(method).into_owned(),
            target: String::from_utf8_lossy(target).into_owned(),
            version: Version::parse(version)?,
        })
        // ANCHOR_END: step_1_2
    }
}

impl Version {
    /// Reads `HTTP/1.1`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Version`] when it is anything but HTTP/1 and a minor version.
    pub fn parse(version: &[u8]) -> Result<Self, Refusal> {
        match version {
            b"HTTP/1.0" => Ok(Self::Http10),
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0'..=b'9'] => Ok(Self::Http11),
            _ => Err(Refusal::version(version)),
        }
    }
}

/// A token is what methods and header names are made of (RFC 9110, section 5.6.2).
#[must_use]
pub fn is_token(bytes: &[u8]) -> bool {
    let is_tchar = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !bytes.is_empty() && bytes.iter().all(is_tchar)
}

/// Whether this is a version of HTTP at all, be it one that is spoken here or another.
fn is_version(bytes: &[u8]) -> bool {
    matches!(bytes, [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'])
}
