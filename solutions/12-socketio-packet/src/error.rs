use thiserror::Error;

/// Why what came is no packet. All of these are the peer's doing, and end the connection.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The first character is no type.
    #[error("expected a packet type from 0 to 6, came {came:?}")]
    UnknownType {
        /// It; `None` if nothing came at all.
        came: Option<char>,
    },
    /// No number, or no dash behind it.
    #[error("expected a number of attachments from 1 to {limit} and a dash after type {kind}")]
    Attachments {
        /// The packet's type.
        kind: char,
        /// How many may come: `max_attachments`.
        limit: usize,
    },
    /// More attachments than are taken.
    #[error("expected at most {limit} attachments (max_attachments), came {came}")]
    TooManyAttachments {
        /// How many may come.
        limit: usize,
        /// How many were announced.
        came: usize,
    },
    /// The digits before the payload are no number that fits.
    #[error("expected an ack id of at most 2^53, came {came:?}")]
    AckId {
        /// The digits.
        came: String,
    },
    /// An acknowledgement of nothing.
    #[error("expected the id of an event after type {kind}, came none")]
    NoAckId {
        /// The packet's type.
        kind: char,
    },
    /// The payload is not of the kind that this packet carries.
    #[error("expected {expected} as the payload of type {kind}, came {came:?}")]
    Payload {
        /// The packet's type.
        kind: char,
        /// What it carries.
        expected: &'static str,
        /// How the payload begins.
        came: String,
    },
    /// An event has a name that means something else.
    #[error("expected the name of an event, came the reserved {name:?}")]
    ReservedName {
        /// The name.
        name: String,
    },
    /// A text came, and bytes were announced.
    #[error("expected {missing} more attachments, came a text")]
    TextInstead {
        /// How many are still to come.
        missing: usize,
    },
    /// Bytes came, and none were announced.
    #[error("expected a text, came bytes that no packet announced")]
    UnexpectedBytes,
}

/// Why arguments cannot be read as a type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{problem}")]
pub struct ArgsError {
    /// What serde says.
    pub(crate) problem: String,
}

/// Why a packet cannot be sent. All of these are our own doing; nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A value cannot be written as JSON: a map whose keys are no strings, say.
    #[error("expected a value that JSON can express: {problem}")]
    Value {
        /// What serde says.
        problem: String,
    },
    /// What stands in `Args` is no tuple.
    #[error("expected a tuple or a list in Args, came another value: {came}")]
    NoTuple {
        /// It, as JSON.
        came: String,
    },
    /// The name is kept for something else.
    #[error("expected another name for an event, came the reserved {name:?}")]
    ReservedName {
        /// The name.
        name: String,
    },
}
