use std::sync::Arc;

use crate::SocketId;

/// What became of a room. A room is there as long as somebody is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomEvent {
    /// A room that nobody was in has been entered. `create-room` in the reference.
    Created {
        /// Its name.
        room: Arc<str>,
    },
    /// A socket entered a room. `join-room` in the reference.
    Joined {
        /// The room's name.
        room: Arc<str>,
        /// The socket's id.
        id: SocketId,
    },
    /// A socket left a room. `leave-room` in the reference.
    Left {
        /// The room's name.
        room: Arc<str>,
        /// The socket's id.
        id: SocketId,
    },
    /// The last one left. `delete-room` in the reference.
    Deleted {
        /// The room's name.
        room: Arc<str>,
    },
}
