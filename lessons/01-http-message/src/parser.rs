use crate::line_buffer::LineBuffer;
use crate::strict::{refuse_ambiguous_length, refuse_misleading_line, refuse_unclear_host};
use crate::{Header, Headers, Limits, Refusal, Request, RequestLine, Version};

/// Bytes to requests, however the bytes were cut.
///
/// ```text
///           request line           empty line            all of the body
///   Start ────────────────▶ Head ─────────────▶ Body ─────────────────────▶ Start
///                           │  ▲
///                           └──┘ header line
/// ```
///
/// Feed what arrives, then take requests until there is none: several may have come at once
/// (pipelining, RFC 9112, section 9.3.2). A refusal is final. Where the next request would begin is
/// no longer known, so the connection has to be closed after the refusal was answered.
#[derive(Debug)]
pub struct RequestParser {
    limits: Limits,
    buffer: LineBuffer,
    state: State,
}

/// What has been read of the current request.
#[derive(Debug)]
enum State {
    Start,
    Head(RequestLine, Headers),
    /// The last field is the length of the body.
    Body(RequestLine, Headers, usize),
    Refused(Refusal),
}

/// What one look at the buffer led to.
enum Progress {
    /// Into the next state: there may be more to read.
    On(State),
    /// Nothing more can be read until more bytes arrive.
    Wait(State),
    /// A request is complete.
    Done(Request),
}

impl RequestParser {
    /// A parser at the start of a connection.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, buffer: LineBuffer::default(), state: State::Start }
    }

    /// Takes what has just arrived. Nothing is kept after a refusal.
    pub fn feed(&mut self, bytes: &[u8]) {
        if !matches!(self.state, State::Refused(_)) {
            self.buffer.feed(bytes);
        }
    }

    /// The next request that has arrived completely, or `None` while more bytes are needed.
    ///
    /// After `None`, no more waits here than the [`Limits`] allow for one line or one body.
    ///
    /// # Errors
    ///
    /// When the request has to be refused; from then on always the same refusal.
    pub fn next_request(&mut self) -> Result<Option<Request>, Refusal> {
        loop {
            let state = std::mem::replace(&mut self.state, State::Start);
            match self.advance(state) {
                Ok(Progress::On(state)) => self.state = state,
                Ok(Progress::Wait(state)) => {
                    self.state = state;
                    return Ok(None);
                }
                Ok(Progress::Done(request)) => return Ok(Some(request)),
                Err(refusal) => {
                    self.state = State::Refused(refusal.clone());
                    self.buffer = LineBuffer::default();
                    return Err(refusal);
                }
            }
        }
    }

    /// How many bytes wait for the rest of their line or body.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffer.waiting().len()
    }

    /// What has arrived after the last request. When that request changed the protocol, these bytes
    /// belong to the new one.
    #[must_use]
    pub fn into_waiting(self) -> Vec<u8> {
        self.buffer.waiting().to_vec()
    }

    /// Whether a request has begun to arrive and is not complete.
    #[must_use]
    pub fn is_mid_request(&self) -> bool {
        matches!(self.state, State::Head(..) | State::Body(..)) || self.buffered() > 0
    }

    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110, section
    /// 10.1.1). Not when some of the body is here already, nor in HTTP/1.0.
    #[must_use]
    pub fn awaits_continue(&self) -> bool {
        match &self.state {
            State::Body(line, headers, _) => {
                line.version >= Version::Http11
                    && self.buffered() == 0
                    && headers.has_token("expect", "100-continue")
            }
            _ => false,
        }
    }

    /// One look at the buffer. In each state there are two cases: what the state waits for is there,
    /// or it is not.
    fn advance(&mut self, state: State) -> Result<Progress, Refusal> {
        // TODO step 1.3, continued: see `LineBuffer::take_line` in src/line_buffer.rs
        todo!("step 1.3: Bytes arrive in pieces (cargo course hint 1.3)")
    }

    /// The request line, if it is complete. Empty lines before it are skipped, as RFC 9112, section
    /// 2.2, asks for the sake of old clients.
    fn take_request_line(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        while let Some(line) = self.buffer.take_line() {
            self.limits.check_request_line(&line)?;
            if !line.is_empty() {
                return Ok(Some(line));
            }
        }
        self.limits.check_request_line(self.buffer.partial_line())?;
        Ok(None)
    }

    /// The line after those that gave `headers`, if it is complete. It is empty at the head's end.
    fn take_header_line(&mut self, headers: &Headers) -> Result<Option<Vec<u8>>, Refusal> {
        let line = self.buffer.take_line();
        let so_far = line.as_deref().unwrap_or(self.buffer.partial_line());
        self.limits.check_header_line(so_far, headers.len())?;
        if let Some(line) = &line {
            refuse_misleading_line(line)?;
        }
        Ok(line)
    }

    /// How long the body is, now that the head is complete: without a `Content-Length` there is none
    /// (RFC 9112, section 6.3).
    fn body_length(&self, version: Version, headers: &Headers) -> Result<usize, Refusal> {
        refuse_unclear_host(version, headers)?;
        refuse_ambiguous_length(headers)?;
        let Some(value) = headers.get("content-length") else { return Ok(0) };
        self.limits.check_body(parse_length(value)?)
    }
}

/// One or more digits, and nothing else: no sign, no white space (RFC 9110, section 8.6). A list of
/// equal numbers counts as one number.
fn parse_length(value: &[u8]) -> Result<u64, Refusal> {
    let refusal = || Refusal::content_length(value);
    let first = value.split(|byte| *byte == b',').next().unwrap_or_default().trim_ascii();
    if first.is_empty() || !first.iter().all(u8::is_ascii_digit) {
        return Err(refusal());
    }
    // A number too large for 64 bits is a number, and too large for every limit.
    Ok(std::str::from_utf8(first).map_err(|_| refusal())?.parse().unwrap_or(u64::MAX))
}
