//! A transcript, read back from its snapshot: who said what to whom, and when.
//!
//! ```text
//! lanes: browser, server
//!
//!    0ms  browser → server  GET /messages HTTP/1.1\r\n
//!                           \r\n
//!    0ms  server            holds the request
//! == 25 seconds later, nothing new ==
//!    25s  server → browser  HTTP/1.1 204 No Content\r\n  # the client asks again
//!    26s  browser ↛ server  GET /messages HTTP/1.1\r\n
//! ```
//!
//! An entry has a time (or none has), a route and a text, each in its own column; a line blank up to
//! the text column continues the text above it. `→` arrived, `↛` was lost on the way, and a lane by
//! itself is where something happened.

use std::time::Duration;

/// The conversation that one test had.
#[derive(Debug, PartialEq)]
pub struct Transcript {
    /// The peers, from left to right.
    pub lanes: Vec<String>,
    /// What happened, in order.
    pub entries: Vec<Entry>,
}

/// A line of the story.
#[derive(Debug, PartialEq)]
pub enum Entry {
    /// `== a new phase ==`
    Heading(String),
    /// A message, or something that happened in one place.
    Event(Event),
}

/// What happened at one moment.
#[derive(Debug, PartialEq)]
pub struct Event {
    /// Since the beginning of the transcript; an untimed transcript has none.
    pub time: Option<Duration>,
    /// From where to where.
    pub route: Route,
    /// The message, or what happened.
    pub lines: Vec<Line>,
}

/// Lanes are indices into [`Transcript::lanes`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Route {
    /// `a → b`
    Delivered {
        /// Who sent it.
        from: usize,
        /// Who received it.
        to: usize,
    },
    /// `a ↛ b`
    Lost {
        /// Who sent it.
        from: usize,
        /// Who never received it.
        to: usize,
    },
    /// `a`
    Local(usize),
}

/// One line of a message, with a remark for people.
#[derive(Debug, PartialEq)]
pub struct Line {
    /// The bytes, control bytes written as escapes.
    pub text: String,
    /// What stood behind `# `.
    pub note: Option<String>,
}

/// Why a snapshot is not a transcript.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ParseError {
    /// Counted from 1, in the snapshot file.
    pub line: usize,
    /// What was wrong with it.
    pub problem: Problem,
}

/// What can be wrong with a line.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Problem {
    /// The transcript does not begin with its lanes.
    #[error("expected `lanes: a, b`, found `{0}`")]
    NoLanes(String),
    /// The route column holds something else.
    #[error("expected a route such as `{lanes}`, found `{found}`")]
    NoRoute {
        /// A route that would be right.
        lanes: String,
        /// The line, from the route column on.
        found: String,
    },
    /// The time column holds something else.
    #[error("expected a time such as `250ms` or `1.250s`, found `{0}`")]
    NoTime(String),
    /// A text starts before the column that the widest route leaves it.
    #[error("expected the text to start at column {column}, found `{found}` before it")]
    Misaligned {
        /// Counted from 1.
        column: usize,
        /// What stands where only blanks may.
        found: String,
    },
}
