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
        // ANCHOR: step_4_3_b
        let refusal = || WrongAnswer::StatusLine { came: shown(line) };
        let mut parts = line.splitn(3, |byte| *byte == b' ');
        let (Some(version), Some(code @ [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9']), reason) =
            (parts.next(), parts.next(), parts.next().unwrap_or_default())
        else {
            return Err(refusal());
        };
        if Version::parse(version) != Ok(Version::Http11) {
            return Err(refusal());
        }
        let code = code.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
        Ok(Self { code, reason: shown(reason) })
        // ANCHOR_END: step_4_3_b
    }
}

/// `404 Not Found`, or only the code.
impl fmt::Display for StatusLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, reason } = self;
        formatter.write_str(format!("{code} {reason}").trim_end())
    }
}
