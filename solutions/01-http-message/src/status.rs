use std::fmt;

/// A status code that this course answers with, and its reason phrase (RFC 9110, section 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    code: u16,
    reason: &'static str,
}

impl Status {
    /// The protocol changes, as the client asked.
    pub const SWITCHING_PROTOCOLS: Self = Self::new(101, "Switching Protocols");
    /// The request was understood and granted.
    pub const OK: Self = Self::new(200, "OK");
    /// Granted, and something now exists that did not before.
    pub const CREATED: Self = Self::new(201, "Created");
    /// Granted, and there is nothing to say about it.
    pub const NO_CONTENT: Self = Self::new(204, "No Content");
    /// The request is broken, or could be read in two ways.
    pub const BAD_REQUEST: Self = Self::new(400, "Bad Request");
    /// The request was understood and will not be granted.
    pub const FORBIDDEN: Self = Self::new(403, "Forbidden");
    /// Nothing is at that target.
    pub const NOT_FOUND: Self = Self::new(404, "Not Found");
    /// Something is at that target, and this is not what can be done with it.
    pub const METHOD_NOT_ALLOWED: Self = Self::new(405, "Method Not Allowed");
    /// The request did not arrive in time.
    pub const REQUEST_TIMEOUT: Self = Self::new(408, "Request Timeout");
    /// The server wants to know how long the body is before it comes.
    pub const LENGTH_REQUIRED: Self = Self::new(411, "Length Required");
    /// The body is longer than the server takes.
    pub const CONTENT_TOO_LARGE: Self = Self::new(413, "Content Too Large");
    /// The target is longer than the server takes.
    pub const URI_TOO_LONG: Self = Self::new(414, "URI Too Long");
    /// The client has to change the protocol first.
    pub const UPGRADE_REQUIRED: Self = Self::new(426, "Upgrade Required");
    /// The headers are more, or longer, than the server takes (RFC 6585, section 5).
    pub const REQUEST_HEADER_FIELDS_TOO_LARGE: Self =
        Self::new(431, "Request Header Fields Too Large");
    /// The server failed; the request may have been fine.
    pub const INTERNAL_SERVER_ERROR: Self = Self::new(500, "Internal Server Error");
    /// The server does not know how to do this at all.
    pub const NOT_IMPLEMENTED: Self = Self::new(501, "Not Implemented");
    /// The server could do it, and has no room for it now.
    pub const SERVICE_UNAVAILABLE: Self = Self::new(503, "Service Unavailable");
    /// The request is in a version of HTTP that the server does not speak.
    pub const HTTP_VERSION_NOT_SUPPORTED: Self = Self::new(505, "HTTP Version Not Supported");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }

    /// The three digits.
    #[must_use]
    pub fn code(self) -> u16 {
        self.code
    }

    /// Whether a response with this status may have a body at all (RFC 9110, sections 15.2, 15.3.5).
    #[must_use]
    pub fn allows_body(self) -> bool {
        self.code >= 200 && self != Self::NO_CONTENT
    }
}

/// `404 Not Found`, as the status line has it.
impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.code, self.reason)
    }
}
