use std::error::Error;
use std::time::Duration;

use hyper::StatusCode;
use serde::Deserialize;
use thiserror::Error;

use crate::OpenError;

/// Why a transport does not carry a session.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TransportError {
    /// There is no connection: the name is unknown, nobody listens, or the certificate is not trusted.
    #[error("cannot reach the server: {problem}")]
    Unreachable {
        /// What the system says.
        problem: String,
    },
    /// There was a connection, and it ended.
    #[error("the connection broke: {problem}")]
    Broken {
        /// What the system says.
        problem: String,
    },
    /// The server, or a proxy on the way, answered, but not as it should.
    #[error("expected status {expected}, came {came}{}", in_brackets(.message))]
    Refused {
        /// 200, or 101 for a WebSocket.
        expected: StatusCode,
        /// The status that came.
        came: StatusCode,
        /// What it said about that; empty if nothing, or nothing that is short and readable.
        message: String,
    },
    /// An answer or a message is longer than this client takes.
    #[error("expected at most {limit} bytes (max_incoming) at once, came more")]
    TooLong {
        /// In bytes.
        limit: usize,
    },
    /// The body of an answer is no text.
    #[error("expected packets as text in UTF-8, came other bytes")]
    NotText,
    /// The answer has the status of a WebSocket, and is none.
    #[error(
        "expected the answer of a WebSocket server (upgrade, sec-websocket-accept), came another"
    )]
    NotWebSocket,
    /// What the server said first is no handshake.
    #[error(transparent)]
    NotEngineIo(#[from] OpenError),
    /// No handshake came in time.
    #[error("expected a handshake within {limit:?} (connect_timeout), came none")]
    TimedOut {
        /// How long it might take.
        limit: Duration,
    },
}

impl TransportError {
    /// What an answer says that is none of ours.
    pub(crate) fn refused(expected: StatusCode, came: StatusCode, body: &[u8]) -> Self {
        Self::Refused { expected, came, message: message_of(body) }
    }

    pub(crate) fn unreachable(error: &dyn Error) -> Self {
        Self::Unreachable { problem: chain(error) }
    }

    pub(crate) fn broken(error: &dyn Error) -> Self {
        Self::Broken { problem: chain(error) }
    }
}

/// The reference refuses with `{"code":1,"message":"Session ID unknown"}`, and a WebSocket with the
/// message alone. A page of HTML helps nobody.
fn message_of(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
    }
    const LONGEST: usize = 200;
    // ANCHOR: step_11_5_b
    let text = match serde_json::from_slice(body) {
        Ok(Refusal { message }) => message,
        Err(_) => String::from_utf8_lossy(body).trim().to_owned(),
    };
    if text.len() > LONGEST || text.starts_with('<') || text.contains(char::is_control) {
        return String::new();
    }
    text
    // ANCHOR_END: step_11_5_b
}

fn in_brackets(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(" ({message})") }
}

/// An error and its causes. Libraries say "client error", and mean what is below it.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let why = error.to_string();
        if !text.ends_with(&why) {
            text = format!("{text}: {why}");
        }
        cause = error.source();
    }
    text
}
