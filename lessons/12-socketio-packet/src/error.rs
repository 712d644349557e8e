use thiserror::Error;

/// Why what came is no packet. All of these are the peer's doing, and end the connection.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The first character is no type.
    #[error("expected a packet type from 0 to 6, came {}", first_of(*came))]
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
        /// How the digits begin.
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
    /// The JSON beside the attachments is none, or has a placeholder for one that was not announced.
    #[error("{problem}")]
    Placeholder {
        /// What is wrong.
        problem: String,
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
    /// Not one packet in MessagePack.
    #[cfg(feature = "msgpack")]
    #[error("expected a packet in MessagePack, came {problem}")]
    NotMsgPack {
        /// What came.
        problem: String,
    },
}

/// Why arguments cannot be read as a type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ArgsError {
    /// They are of another type: the two ends do not agree, or somebody tries what happens.
    #[error("{problem}")]
    OtherType {
        /// What serde says.
        problem: String,
    },
    /// They are no arguments at all, and the connection is to be closed.
    #[error("expected an array of arguments, came something else: {problem}")]
    Malformed {
        /// What serde says.
        problem: String,
    },
}

/// Why a packet cannot be sent. All of these are our own doing; nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A value cannot be written: in JSON, a map whose keys are no strings.
    #[error("expected a value that the parser can write: {problem}")]
    Value {
        /// What serde says.
        problem: String,
    },
    /// What stands in `Args` is no tuple and no list.
    #[error(
        "expected a tuple or a list in Args, came another value: {came}; one argument needs no Args"
    )]
    NoTuple {
        /// How it begins.
        came: String,
    },
    /// The name is kept for something else.
    #[error("expected another name for an event, came the reserved {name:?}")]
    ReservedName {
        /// The name.
        name: String,
    },
    /// The text of a packet has a comma behind the namespace, and nothing escapes one in it.
    #[error("expected the name of a namespace without a comma, came {name:?}")]
    Namespace {
        /// The name.
        name: String,
    },
    /// A value has a key that means an attachment, and attachments are there.
    #[error("expected no key \"_placeholder\" in what is sent beside bytes, came one")]
    Placeholder,
    /// What belongs to a connect or its refusal stands beside no attachments.
    #[error("expected no bytes in what belongs to a connect, came some; write them as text")]
    BytesInData,
    /// Raw arguments came by another parser than the one that is to send them.
    #[cfg(feature = "msgpack")]
    #[error("expected raw arguments of this parser, came another's; decode them first")]
    OtherParser,
}

impl EncodeError {
    pub(crate) fn value(error: impl std::fmt::Display) -> Self {
        Self::Value { problem: error.to_string() }
    }

    pub(crate) fn no_tuple(came: impl AsRef<str>) -> Self {
        Self::NoTuple { came: came.as_ref().chars().take(60).collect() }
    }
}

fn first_of(came: Option<char>) -> String {
    came.map_or("nothing".to_owned(), |first| format!("{first:?}"))
}
