//! What travels in the frames: one JSON object in each text message.
//!
//! # Format
//!
//! ```text
//! client → server  {"type":"join","name":"Anna"}
//!                  {"type":"say","text":"lunch is here"}
//! server → client  {"type":"welcome","name":"Anna","here":["Ben"]}
//!                  {"type":"joined","name":"Anna"}
//!                  {"type":"said","name":"Anna","text":"lunch is here"}
//!                  {"type":"left","name":"Anna","why":"closed the connection"}
//!                  {"type":"error","message":"expected …, came …"}
//! ```

use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::Mistake;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Command {
    /// To be in the room under this name.
    Join {
        /// The name that the others will see.
        name: String,
    },
    /// To tell everyone.
    Say {
        /// What is said.
        text: String,
    },
}

impl Command {
    /// Reads one text message.
    ///
    /// # Errors
    ///
    /// [`Mistake::Command`].
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        serde_json::from_str(text).map_err(|error| Mistake::Command { reason: error.to_string() })
    }
}

/// What the server tells a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Event<'a> {
    /// To who joins: it is in, and these are here already.
    Welcome {
        /// Its name.
        name: &'a str,
        /// The names of the others, in the order in which they came.
        here: Vec<&'a str>,
    },
    /// To the others: somebody came.
    Joined {
        /// Who.
        name: &'a str,
    },
    /// To everyone, who said it among them.
    Said {
        /// Who.
        name: &'a str,
        /// What.
        text: &'a str,
    },
    /// To those who stay: somebody is gone.
    Left {
        /// Who.
        name: &'a str,
        /// How it ended.
        why: &'a str,
    },
    /// To one client: what it sent could not be obeyed.
    Error {
        /// What was expected, what came, what to do.
        message: &'a str,
    },
}

impl Event<'_> {
    /// As it travels. To clone the result is to count one more owner of the same bytes.
    #[must_use]
    pub fn encode(&self) -> Utf8Bytes {
        serde_json::to_string(self).expect("texts are always JSON").into()
    }
}
