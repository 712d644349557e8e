use http_message::{Header, Headers, Limits, LineBuffer};

use crate::check::Expected;
use crate::shown::{MOST, shown};
use crate::{Key, StatusLine, WrongAnswer};

/// How much of a refusal's body is kept for the message, in bytes: one more than is shown, so that
/// it can be seen where something was cut.
const EXCERPT: usize = MOST + 1;

/// Bytes to the answer of a server, however the bytes were cut.
///
/// ```text
///          status line         empty line, 101, all as it should be
///   Start ────────────▶ Head ───────────────────────────────────────▶ Opened
///     ▲                 │  │ empty line, 200 and above
///     └─────────────────┘  └─────────────────────────▶ Refusal ──────▶ WrongAnswer::Refused
///       empty line, 1xx                                        body
/// ```
///
/// It is made by [`Opening::start`](crate::Opening::start), and it is gone when its work is done:
/// [`read`](Self::read) gives it back only while more bytes are needed.
#[derive(Debug)]
pub struct AnswerParser {
    expected: Expected,
    limits: Limits,
    buffer: LineBuffer,
    state: State,
}

/// What has come of it so far.
#[derive(Debug)]
pub enum Answer {
    /// The answer is not complete: feed this one what comes next.
    Incomplete(AnswerParser),
    /// The protocol has changed.
    Opened(Opened),
}

/// What was agreed.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    /// Which of the offered subprotocols the server chose, if any.
    pub subprotocol: Option<String>,
    /// All headers of the answer.
    pub headers: Headers,
    /// What came right after the answer. A server may speak at once, so this can be the first frame.
    pub early: Vec<u8>,
}

/// What has been read of the answer.
#[derive(Debug)]
enum State {
    Start,
    Head(StatusLine, Headers),
    /// The number is how much of the body is waited for.
    Refusal(StatusLine, usize),
}

/// What one look at the buffer led to.
enum Progress {
    /// Into the next state: there may be more to read.
    On(State),
    /// Nothing more can be read until more bytes arrive.
    Wait(State),
    /// The protocol has changed.
    Done(Opened),
}

impl AnswerParser {
    pub(crate) fn new(key: &Key, subprotocols: Vec<String>, limits: Limits) -> Self {
        let expected = Expected { accept: key.accept(), subprotocols };
        Self { expected, limits, buffer: LineBuffer::default(), state: State::Start }
    }

    /// Takes what has just arrived.
    ///
    /// # Errors
    ///
    /// When this is no answer to the request, or one that refuses it. The connection is of no more use.
    pub fn read(mut self, bytes: &[u8]) -> Result<Answer, WrongAnswer> {
        self.buffer.feed(bytes);
        let mut state = std::mem::replace(&mut self.state, State::Start);
        loop {
            match self.advance(state)? {
                Progress::On(next) => state = next,
                Progress::Wait(state) => {
                    self.state = state;
                    return Ok(Answer::Incomplete(self));
                }
                Progress::Done(opened) => return Ok(Answer::Opened(opened)),
            }
        }
    }

    /// What to report when nothing more comes: the connection has ended, or its time is over.
    #[must_use]
    pub fn end(self) -> WrongAnswer {
        match self.state {
            State::Refusal(status, _) => refused(status, self.buffer.waiting()),
            _ => WrongAnswer::Ended,
        }
    }

    /// One look at the buffer: what the state waits for is there, or it is not.
    fn advance(&mut self, state: State) -> Result<Progress, WrongAnswer> {
        Ok(match state {
            State::Start => match self.take_status_line()? {
                Some(line) => {
                    Progress::On(State::Head(StatusLine::parse(&line)?, Headers::default()))
                }
                None => Progress::Wait(State::Start),
            },
            State::Head(status, mut headers) => match self.take_header_line(headers.len())? {
                Some(header) if header.is_empty() => self.after_head(status, headers)?,
                Some(header) => {
                    headers.push(Header::parse(&header)?);
                    Progress::On(State::Head(status, headers))
                }
                None => Progress::Wait(State::Head(status, headers)),
            },
            State::Refusal(status, length) => match self.buffer.take(length) {
                Some(body) => return Err(refused(status, &body)),
                None => Progress::Wait(State::Refusal(status, length)),
            },
        })
    }

    /// What a complete head means. "A client MUST be able to parse one or more 1xx responses received
    /// prior to a final response" (RFC 9110, section 15.2); of those, 101 is ours.
    fn after_head(&self, status: StatusLine, headers: Headers) -> Result<Progress, WrongAnswer> {
        // TODO step 4.3, continued: see `Opening::to_bytes` in src/opening.rs
        todo!("step 4.3: Ask, and read the answer (cargo course hint 4.3)")
    }

    /// The first line of the head, if it is complete.
    fn take_status_line(&mut self) -> Result<Option<Vec<u8>>, WrongAnswer> {
        let line = self.buffer.take_line();
        let so_far = line.as_deref().unwrap_or(self.buffer.partial_line());
        let limit = self.limits.max_line;
        if so_far.len() > limit {
            return Err(WrongAnswer::StatusLineTooLong { limit });
        }
        Ok(line)
    }

    /// The next line of the head, if it is complete; `count` headers came before it.
    fn take_header_line(&mut self, count: usize) -> Result<Option<Vec<u8>>, WrongAnswer> {
        let line = self.buffer.take_line();
        let so_far = line.as_deref().unwrap_or(self.buffer.partial_line());
        self.limits.check_header_line(so_far, count)?;
        Ok(line)
    }
}

/// How much of a refusal's body to wait for. Without a length none is waited for: it might come in
/// chunks, or not end while the connection stands.
fn excerpt_length(headers: &Headers) -> usize {
    headers
        .get("Content-Length")
        .and_then(|value| std::str::from_utf8(value).ok()?.parse().ok())
        .map_or(0, |length: usize| length.min(EXCERPT))
}

fn refused(status: StatusLine, body: &[u8]) -> WrongAnswer {
    WrongAnswer::Refused { status, body: shown(body.trim_ascii()) }
}
