use std::fmt;

use http_message::Version;

use crate::WrongAnswer;
use crate::shown::shown;

/// The first line of an answer.
///
/// # Format
///
/// ```text
/// HTTP/1.1 101 Switching Protocols
/// │        │   └ reason, for people; it may be missing
/// │        └ code: three digits
/// └ version
/// ```
///
/// RFC 9112, section 4. A server that cannot answer in HTTP/1.1 cannot change the protocol either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusLine {
    /// How it went.
    pub code: u16,
    /// The same for people, with nothing in it that a terminal would obey.
    pub reason: String,
}

impl StatusLine {
    /// Reads a status line, its line ending already taken off.
    ///
    /// # Errors
    ///
    /// [`WrongAnswer::StatusLine`] when it has another form, or another version than HTTP/1.1 and the
    /// later HTTP/1.x, which [`Version::parse`] takes as the same.
    pub fn parse(line: &[u8]) -> Result<Self, WrongAnswer> {
        // TODO step 4.3, continued: see `Opening::to_bytes` in src/opening.rs
        todo!("step 4.3: Ask, and read the answer (cargo course hint 4.3)")
    }
}

/// `404 Not Found`, or only the code.
impl fmt::Display for StatusLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, reason } = self;
        formatter.write_str(format!("{code} {reason}").trim_end())
    }
}
