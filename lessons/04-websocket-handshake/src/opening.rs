use http_message::{Headers, InvalidHeader, Limits, is_token};
use thiserror::Error;

use crate::{AnswerParser, Key};

/// What a client asks for.
///
/// # Format
///
/// ```text
/// GET /news HTTP/1.1\r\n
/// Host: board:4004\r\n
/// Upgrade: websocket\r\n                              the protocol that the client wants
/// Connection: Upgrade\r\n                             Upgrade is for the next program, not for the last
/// Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n     to be answered (see `Key`)
/// Sec-WebSocket-Version: 13\r\n
/// Sec-WebSocket-Protocol: board.v2, board.v1\r\n      if any is offered, the best first
/// \r\n
/// ```
///
/// RFC 6455, section 4.1.
#[derive(Clone, Debug)]
pub struct Opening {
    host: String,
    target: String,
    subprotocols: Vec<String>,
    /// What the application adds: whole lines.
    extra: String,
    limits: Limits,
}

impl Opening {
    /// Asks `host`, with its port unless that is the usual one, for the WebSocket at `target`.
    ///
    /// # Errors
    ///
    /// When the host is empty or the target does not begin with `/`, or when either has anything in
    /// it but visible ASCII characters. A target has no `#` (RFC 6455, section 3).
    pub fn new(host: &str, target: &str) -> Result<Self, InvalidOpening> {
        let is_visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if host.is_empty() || !is_visible(host) {
            return Err(InvalidOpening::Host(host.to_owned()));
        }
        if !target.starts_with('/') || target.contains('#') || !is_visible(target) {
            return Err(InvalidOpening::Target(target.to_owned()));
        }
        Ok(Self {
            host: host.to_owned(),
            target: target.to_owned(),
            subprotocols: Vec::new(),
            extra: String::new(),
            limits: Limits::default(),
        })
    }

    /// Offers a subprotocol. Those offered first are preferred, though it is the server that chooses.
    ///
    /// # Errors
    ///
    /// When the name is not a token, or was offered before: offers "MUST all be unique strings" (RFC
    /// 6455, section 4.1).
    pub fn with_subprotocol(mut self, name: &str) -> Result<Self, InvalidOpening> {
        if !is_token(name.as_bytes()) || self.subprotocols.iter().any(|known| known == name) {
            return Err(InvalidOpening::Subprotocol(name.to_owned()));
        }
        self.subprotocols.push(name.to_owned());
        Ok(self)
    }

    /// Adds a header, such as `Cookie`, `Authorization` or, for a client that acts for a page,
    /// `Origin`.
    ///
    /// # Errors
    ///
    /// When it would break the request apart, or belongs to the handshake itself.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, InvalidOpening> {
        const OURS: [&str; 5] =
            ["host", "upgrade", "connection", "content-length", "transfer-encoding"];
        let lower = name.to_ascii_lowercase();
        if OURS.contains(&lower.as_str()) || lower.starts_with("sec-websocket-") {
            return Err(InvalidOpening::Ours(name.to_owned()));
        }
        Headers::default().try_add(name, value)?;
        self.extra += &format!("{name}: {value}\r\n");
        Ok(self)
    }

    /// Sets how much of an answer is taken: its lines and headers.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The request as it travels, and what reads the answer to it.
    ///
    /// `random` has to be new for each connection, or an old answer could pass for the one to this
    /// request. Nothing may be sent before the answer has come.
    #[must_use]
    pub fn start(self, random: [u8; 16]) -> (Vec<u8>, AnswerParser) {
        let key = Key::from_bytes(random);
        let request = self.to_bytes(&key);
        (request, AnswerParser::new(&key, self.subprotocols, self.limits))
    }

    fn to_bytes(&self, key: &Key) -> Vec<u8> {
        // TODO step 4.3: Ask, and read the answer
        //
        // The client's side. `to_bytes` writes the request that is drawn above `Opening`: request
        // line, `Host`, `Upgrade`, `Connection`, the key, version 13, the offers joined by `, ` if
        // there are any, then `self.extra`, which is whole lines already, and the empty line.
        // `StatusLine::parse` takes the first line of an answer apart: version, code, and a reason
        // that may have spaces in it or be missing. Only HTTP/1.1 or a later HTTP/1, which
        // `Version::parse` calls `Http11`, and a code of three digits, the first not 0, will do.
        // The reason may hold bytes that a terminal would obey; `shown` escapes them. `after_head`
        // says what a complete head means: with 101 the connection is open, once
        // `self.expected.check` has approved the headers, and what waits in the buffer came early;
        // with another code below 200 the answer proper is still to come; with any other the server
        // has refused, and `excerpt_length` of its body is waited for. (RFC 6455, section 4.1; RFC
        // 9112, section 4; RFC 9110, section 15.2)
        //
        // Stuck? cargo course hint 4.3
        todo!("step 4.3: Ask, and read the answer (cargo course hint 4.3)")
    }
}

/// An opening that the application wanted and that cannot be sent. Nobody but the application is to
/// blame.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidOpening {
    /// Not a host.
    #[error("expected a host like `board.example:4004`, came {0:?}")]
    Host(String),
    /// Not a target.
    #[error(
        "expected a target like `/news?since=3`, came {0:?}; escape `#` and what is not visible ASCII"
    )]
    Target(String),
    /// Not a name, or the same name again.
    #[error("expected a new subprotocol of letters, digits, dots and hyphens, came {0:?}")]
    Subprotocol(String),
    /// A header that the handshake writes itself.
    #[error(
        "expected a header that is not part of the handshake, came {0:?}, which is written for you"
    )]
    Ours(String),
    /// A header that cannot be sent.
    #[error(transparent)]
    Header(#[from] InvalidHeader),
}
