use thiserror::Error;

use crate::Refusal;
use crate::request_line::is_token;

/// One header line: a name and a value.
///
/// # Format
///
/// ```text
/// Content-Type: text/plain
/// └─ name ───┘  └ value ─┘
/// ```
///
/// White space around the value does not belong to it. Names are compared without regard to case.
/// A value is bytes, not text: RFC 9110, section 5.5, lets old senders use any byte above 0x7f.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name as it was written.
    pub name: String,
    /// The value, without the white space around it.
    pub value: Vec<u8>,
}

impl Header {
    /// Reads one header line, its line ending already taken off (RFC 9112, section 5).
    ///
    /// # Errors
    ///
    /// [`Refusal::HeaderLine`] when there is no colon, or when what stands before it is not a token.
    pub fn parse(line: &[u8]) -> Result<Self, Refusal> {
        // ANCHOR: step_1_2_b
        let refusal = || Refusal::header_line(line);
        let colon = line.iter().position(|byte| *byte == b':').ok_or_else(refusal)?;
        let name = &line[..colon];
        if !is_token(name) {
            return Err(refusal());
        }
        let name = String::from_utf8_lossy(name).into_owned();
        Ok(Self { name, value: line[colon + 1..].trim_ascii().to_vec() })
        // ANCHOR_END: step_1_2_b
    }
}

/// The headers of a message, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<Header>);

impl Headers {
    /// The value of the first header with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_slice())
    }

    /// The values of all headers with this name.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_slice())
    }

    /// The items of a header that is a list: one line `a, b` is the same as the two lines `a` and `b`.
    /// "A recipient MUST parse and ignore a reasonable number of empty list elements" (RFC 9110, section
    /// 5.6.1.2), as in `a,, b`.
    pub fn get_list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.get_all(name)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|item| !item.is_empty())
    }

    /// Whether a header that is a list holds this token, in any case: `Connection: keep-alive,
    /// Upgrade` holds `upgrade`.
    #[must_use]
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.get_list(name).any(|item| item.eq_ignore_ascii_case(token.as_bytes()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All headers, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Header> {
        self.0.iter()
    }

    /// Adds a header that came from a peer and was parsed.
    pub fn push(&mut self, header: Header) {
        self.0.push(header);
    }

    /// Adds a header whose name and value this crate chose itself.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.push(Header { name: name.to_owned(), value: value.as_bytes().to_vec() });
    }

    /// Puts `value` in the place of all that came with this name.
    pub(crate) fn replace(&mut self, name: &str, value: &str) {
        self.0.retain(|header| !header.name.eq_ignore_ascii_case(name));
        self.add(name, value);
    }

    /// Adds a header that the application chose: a value with a line break in it would begin a
    /// header, or a message, of somebody else's making.
    ///
    /// # Errors
    ///
    /// When the name is not a token, when there is a control character in the value, and for
    /// `Content-Length` and `Transfer-Encoding`: where the body ends follows from the body.
    pub fn try_add(&mut self, name: &str, value: &str) -> Result<(), InvalidHeader> {
        if !is_token(name.as_bytes()) {
            return Err(InvalidHeader::Name(name.to_owned()));
        }
        if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(InvalidHeader::Value(value.to_owned()));
        }
        let framing = ["Content-Length", "Transfer-Encoding"];
        if framing.iter().any(|framing| name.eq_ignore_ascii_case(framing)) {
            return Err(InvalidHeader::Framing(name.to_owned()));
        }
        self.add(name, value);
        Ok(())
    }
}

/// A header that the application wanted to send and that cannot be sent. Nobody but the
/// application is to blame.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidHeader {
    /// The name is not a token.
    #[error("expected a header name of letters, digits and hyphens, came {0:?}")]
    Name(String),
    /// The value would break the message apart.
    #[error("expected a header value without line breaks and other control characters, came {0:?}")]
    Value(String),
    /// Where the body ends follows from the body.
    #[error(
        "expected a header that says nothing of where the body ends, came {0}; set the body instead"
    )]
    Framing(String),
}
