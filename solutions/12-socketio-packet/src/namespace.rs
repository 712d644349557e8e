use std::{borrow::Borrow, fmt};

use engineio_packet::ByteString;

/// A part of an application that has a conversation of its own: `/`, or `/admin`.
///
/// A query (`/admin?token=1`) is part of the name. One that came shares the memory of the message
/// that it came in: who keeps it for long copies it, with [`Namespace::new`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace(ByteString);

impl Namespace {
    /// The namespace that is meant when none is named.
    pub const MAIN: Self = Self(ByteString::from_static("/"));

    /// A namespace. The slash that it begins with is added if it is missing, as the reference does.
    ///
    /// Most connections are in `/` and in no other: that name takes no memory.
    #[must_use]
    pub fn new(name: &str) -> Self {
        match name {
            "" | "/" => Self::MAIN,
            _ if name.starts_with('/') => Self(name.into()),
            _ => Self(format!("/{name}").into()),
        }
    }

    /// A name that begins with a slash already.
    pub(crate) fn from_wire(name: ByteString) -> Self {
        Self(name)
    }

    /// The name, with its slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its first 60 characters, for a line of a log: a client may choose a name as long as a message.
    #[must_use]
    pub fn beginning(&self) -> &str {
        match self.0.char_indices().nth(60) {
            Some((end, _)) => &self.0[..end],
            None => &self.0,
        }
    }
}

impl Borrow<str> for Namespace {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
