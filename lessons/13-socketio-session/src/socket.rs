use socketio_packet::Namespace;

use crate::{Acks, SocketKey};

/// A connection's part in one namespace.
#[derive(Debug)]
pub(crate) struct Socket<T> {
    pub(crate) key: SocketKey,
    pub(crate) nsp: Namespace,
    pub(crate) state: State,
    pub(crate) acks: Acks<T>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The client waits for a yes or a no.
    Connecting,
    /// Both speak.
    Connected,
    /// We disconnected it. What the client said before it knew is still to come, and means nothing.
    Left,
}
