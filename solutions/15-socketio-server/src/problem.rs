use std::fmt;

use socketio_packet::{ByteString, EncodeError};
use socketio_session::{DisconnectReason, Refusal};
use thiserror::Error;

/// So many characters of a name go into a line.
const NAME: usize = 60;

/// And of a sentence.
pub(crate) const SENTENCE: usize = 200;

/// What went wrong, and nobody who waits for an answer hears of. See [`Builder::on_problem`](crate::Builder::on_problem).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// A value of ours could not be written, and was not sent.
    #[error("expected to send {name:?}: {error}")]
    Encode {
        /// The event.
        name: String,
        /// Why not.
        error: EncodeError,
    },
    /// A handler refused an event whose sender does not wait for an answer.
    #[error("an event was refused: {}", tame(refusal, SENTENCE))]
    Refused {
        /// What the handler said.
        refusal: Refusal,
    },
    /// A handler panicked, or what else the application gave: its socket goes on, or is kept out.
    #[error("expected the handler of \"{}\" to return, it panicked", tame(name, NAME))]
    Panicked {
        /// The event; `auth`, `connect`, `any outgoing`, `disconnecting` or `disconnect`; `recovery log`; or the namespace that
        /// was built, or closed.
        name: String,
    },
    /// Nobody handles an event.
    #[error("expected a handler for \"{}\", there is none", tame(name, NAME))]
    NoHandler {
        /// The event.
        name: ByteString,
    },
    /// A connection was closed because of what its client did.
    #[error("a connection was closed: {}", tame(reason, SENTENCE))]
    Closed {
        /// What that was.
        reason: DisconnectReason,
    },
}

/// A client chooses what stands in it, and this is a line of a log: the beginning, without line breaks, and
/// nothing that turns round or hides what stands beside it.
fn tame(text: impl fmt::Display, most: usize) -> String {
    let text = text.to_string();
    let tamed = text.chars().take(most).flat_map(|c| {
        let plain = matches!(c, '"' | '\'' | '\\').then_some(c);
        let escaped = plain.is_none().then(|| c.escape_debug());
        plain.into_iter().chain(escaped.into_iter().flatten())
    });
    tamed.collect()
}
