use std::{borrow::Borrow, fmt};

use engineio_packet::Sid;
use serde::{Deserialize, Serialize};

/// Who somebody is, in one namespace. Others may know it, and write to it.
///
/// It is never the id of the Engine.IO session below: whoever knows that one can speak in its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SocketId(Sid);

impl SocketId {
    /// From 15 bytes, random ones, so that it is no other socket's.
    #[must_use]
    pub fn from_random(bytes: [u8; 15]) -> Self {
        Self(Sid::from_random(bytes))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<&str> for SocketId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl Borrow<str> for SocketId {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
