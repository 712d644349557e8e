use thiserror::Error;

/// Why a message was not taken to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// One side has said that it closes. Nothing may be sent after that.
    #[error("expected an open connection, came a message after a close; send it before")]
    Closed,
    /// The peer reads too slowly, or the message is too long in itself.
    #[error(
        "expected room for {came} bytes, came {waiting} that wait already of at most {limit} (max_buffered); wait, or send less"
    )]
    Full {
        /// In bytes.
        limit: usize,
        /// In bytes.
        waiting: usize,
        /// In bytes.
        came: usize,
    },
}
