use thiserror::Error;

/// Why a message of a client is not obeyed. It is told why, and stays; nobody else hears of it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Mistake {
    /// A text that is no command.
    #[error(
        "expected a message like {{\"type\":\"say\",\"text\":\"hello\"}}, came one that cannot be read: {reason}"
    )]
    Command {
        /// What the JSON parser says.
        reason: String,
    },
    /// A binary message.
    #[error("expected a text message, came a binary one of {came} bytes; send the JSON as text")]
    Binary {
        /// In bytes.
        came: usize,
    },
    /// A name that is too long, or none.
    #[error("expected a name of 1 to {limit} characters (max_name), came {came} characters")]
    NameLength {
        /// In characters.
        limit: usize,
        /// In characters.
        came: usize,
    },
    /// A name that would not look like what it is.
    #[error(
        "expected a name that can be seen, without control characters and without spaces around it, came {came:?}"
    )]
    NameForm {
        /// The name.
        came: String,
    },
    /// The name of somebody who is here, or one that looks like it.
    #[error("expected a name that looks like no other here, came {came:?}; choose another")]
    NameTaken {
        /// The name.
        came: String,
    },
    /// A second name for one connection.
    #[error("expected one name for each connection, came a second one; you are {name:?}")]
    SecondName {
        /// The first.
        name: String,
    },
    /// Something said by nobody.
    #[error(
        "expected a name first, came a message; send {{\"type\":\"join\",\"name\":\"…\"}} and then the message again"
    )]
    Nameless,
}
