use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use socketio::Refusal;
use thiserror::Error;

/// Why somebody's wish is not done. They are told, and nobody else; nothing has happened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Mistake {
    /// A name that is too long, or none.
    #[error("expected a {what} of 1 to {limit} characters (max_name), came {came}")]
    NameLength {
        /// Whose name.
        what: Named,
        /// In characters.
        limit: usize,
        /// In characters.
        came: usize,
    },
    /// A name that would not look like what it is.
    #[error("expected a {what} of visible characters, without spaces around it, came {came:?}")]
    NameForm {
        /// Whose name.
        what: Named,
        /// The name.
        came: String,
    },
    /// The name of somebody who is here or away, or one that looks like it.
    #[error("expected a name that looks like no other here, came {came:?}; choose another")]
    NameTaken {
        /// The name.
        came: String,
    },
    /// A key that could be guessed, or is endless.
    #[error("expected a random key of 16 to 64 bytes, came one of {came}")]
    Key {
        /// In bytes.
        came: usize,
    },
    /// Too many people, or rooms.
    #[error("expected at most {limit} {what}, and there are as many; come back later")]
    Full {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// One person in too many rooms.
    #[error("expected to be in at most {limit} rooms (max_rooms_each); leave one first")]
    TooManyRooms {
        /// How many.
        limit: usize,
    },
    /// A wish about a room, from outside of it.
    #[error("expected somebody who is in this room, came somebody who is not; join it first")]
    NotInRoom,
    /// An id that is no id.
    #[error("expected an id of 1 to 64 visible ASCII characters, came one of {came} bytes")]
    Id {
        /// In bytes.
        came: usize,
    },
    /// A text that is too long, or none.
    #[error("expected a text of 1 to {limit} bytes (max_text), came {came}")]
    Text {
        /// In bytes.
        limit: usize,
        /// In bytes.
        came: usize,
    },
    /// A media type that is none.
    #[error("expected a media type like image/png, came another text")]
    Kind,
    /// A file that is too large.
    #[error("expected a file of at most {limit} bytes (max_file), came {came}")]
    TooLarge {
        /// In bytes.
        limit: usize,
        /// In bytes.
        came: usize,
    },
    /// A file that the room has forgotten, or never had.
    #[error("expected the number of a file that the room remembers, came {came}")]
    FileGone {
        /// The message's number.
        came: u64,
    },
    /// Nobody has this name.
    #[error("expected the name of somebody who is here or away, came another")]
    NotHere,
    /// Too many whispers wait for somebody.
    #[error(
        "expected at most {limit} whispers to wait for one person (max_mail); try again when they are back"
    )]
    MailFull {
        /// How many.
        limit: usize,
    },
    /// The desk has silenced somebody.
    #[error("expected silence for {seconds} s more: the desk has muted you")]
    Muted {
        /// For how long.
        seconds: u64,
    },
    /// More than the rate allows.
    #[error("expected fewer of these at a time; wait {} ms and send it again", rounded_up(*wait))]
    TooFast {
        /// For how long.
        wait: Duration,
    },
    /// Not what the server has printed.
    #[error("expected the token that the server has printed, came another")]
    WrongToken,
}

/// What a name is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Somebody.
    Person,
    /// A room.
    Room,
    /// A file.
    File,
}

impl Named {
    fn code(self) -> &'static str {
        match self {
            Self::Person => "bad-name",
            Self::Room => "bad-room",
            Self::File => "bad-file",
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Person => "name",
            Self::Room => "room's name",
            Self::File => "file's name",
        })
    }
}

impl Mistake {
    /// The word for a program. It does not change.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NameLength { what, .. } | Self::NameForm { what, .. } => what.code(),
            Self::NameTaken { .. } => "name-taken",
            Self::Key { .. } => "bad-key",
            Self::Full { .. } => "hall-full",
            Self::TooManyRooms { .. } => "too-many-rooms",
            Self::NotInRoom => "not-in-room",
            Self::Id { .. } => "bad-id",
            Self::Text { .. } => "bad-text",
            Self::Kind => "bad-file",
            Self::TooLarge { .. } => "too-large",
            Self::FileGone { .. } => "file-gone",
            Self::NotHere => "not-here",
            Self::MailFull { .. } => "mail-full",
            Self::Muted { .. } => "muted",
            Self::TooFast { .. } => "too-fast",
            Self::WrongToken => "wrong-token",
        }
    }

    /// What a program may want to know.
    fn data(&self) -> Value {
        let code = self.code();
        match self {
            Self::TooFast { wait } => json!({ "code": code, "retry_ms": rounded_up(*wait) }),
            Self::Muted { seconds } => json!({ "code": code, "seconds": seconds }),
            _ => json!({ "code": code }),
        }
    }
}

impl From<Mistake> for Refusal {
    fn from(mistake: Mistake) -> Self {
        Refusal::new(mistake.to_string()).with_data(mistake.data())
    }
}

/// In milliseconds; whoever waits for these does not come too early.
fn rounded_up(wait: Duration) -> u64 {
    u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}
