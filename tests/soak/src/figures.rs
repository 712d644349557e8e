//! What a process under test tells of itself.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// What the process occupies, in bytes.
    pub(crate) rss: usize,
    /// What is allocated and not freed.
    pub(crate) heap: usize,
    /// Panics that nobody intended.
    pub(crate) panics: usize,
    pub(crate) living: Living,
    pub(crate) problems: BTreeMap<String, usize>,
}

/// What has to be as it was, once all clients have left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Living {
    pub(crate) tasks: usize,
    pub(crate) sessions: usize,
    /// Until nobody knows of them.
    pub(crate) sockets: usize,
    /// Of all sockets in the main namespaces together.
    pub(crate) rooms: usize,
    pub(crate) namespaces: usize,
    pub(crate) handlers: usize,
    pub(crate) calls: usize,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Living { tasks, sessions, sockets, rooms, namespaces, handlers, calls } = &self.living;
        write!(f, "{:6} kB occupied {:6} kB allocated", self.rss >> 10, self.heap >> 10)?;
        write!(f, " {tasks:4} tasks {sessions:4} sessions {sockets:4} sockets {rooms:4} rooms")?;
        write!(f, " {namespaces:3} namespaces {handlers:3} handlers {calls:3} calls")
    }
}
