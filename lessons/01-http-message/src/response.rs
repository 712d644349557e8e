use crate::{Headers, InvalidHeader, Status};

/// What the server answers.
///
/// # Format
///
/// ```text
/// HTTP/1.1 200 OK\r\n              status line
/// Content-Type: text/plain\r\n     headers
/// Content-Length: 5\r\n            so that the client knows where the body ends
/// \r\n                             the empty line ends the head
/// hello                            body
/// ```
///
/// RFC 9112, sections 2.1 and 4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// How it went.
    pub status: Status,
    /// All headers but `Content-Length`, which follows from the body.
    headers: Headers,
    /// The bytes after the head. Not sent with a status that allows none.
    pub body: Vec<u8>,
}

impl Response {
    /// A response without headers and body.
    #[must_use]
    pub fn new(status: Status) -> Self {
        Self { status, headers: Headers::default(), body: Vec::new() }
    }

    /// A response with a plain text as its body.
    #[must_use]
    pub fn text(status: Status, body: impl Into<String>) -> Self {
        let mut headers = Headers::default();
        headers.add("Content-Type", "text/plain; charset=utf-8");
        Self { status, headers, body: body.into().into_bytes() }
    }

    /// Adds a header.
    ///
    /// # Errors
    ///
    /// When the name is not a token, when there is a control character in the value, and for
    /// `Content-Length` and `Transfer-Encoding`: where the body ends follows from the body.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, InvalidHeader> {
        self.headers.try_add(name, value)?;
        Ok(self)
    }

    /// Announces that the connection closes after this response (RFC 9112, section 9.6).
    #[must_use]
    pub fn closing(mut self) -> Self {
        self.headers.add("Connection", "close");
        self
    }

    /// The headers, without `Content-Length`.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The whole response as it travels.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.head_to_bytes();
        if self.status.allows_body() {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }

    /// Status line, headers and the empty line: all that is sent in answer to `HEAD`.
    ///
    /// `Content-Length` comes last. It is there even for an empty body, for without it a client
    /// would wait; it is not there when the status allows no body (RFC 9110, section 8.6).
    #[must_use]
    pub fn head_to_bytes(&self) -> Vec<u8> {
        // TODO step 1.1: Write a response
        //
        // Turn a response into the text of its head: the status line `HTTP/1.1 200 OK`, each header
        // as `Name: value`, then `Content-Length: ` and the length of the body in bytes, then an
        // empty line. Every line ends with `\r\n`. When the status allows no body
        // (`self.status.allows_body()`), the length is left out. (RFC 9112, sections 2.1 and 4)
        //
        // Stuck? cargo course hint 1.1
        todo!("step 1.1: Write a response (cargo course hint 1.1)")
    }
}
