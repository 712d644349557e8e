//! What became of the rooms, for whoever watches. When nobody does, nothing is kept.

use std::sync::Arc;

use crate::{RoomEvent, Rooms, sockets::Key};

impl<M> Rooms<M> {
    /// The socket is in the room already.
    pub(crate) fn tell_entered(&mut self, key: Key, room: &str) {
        if self.events.is_none() {
            return;
        }
        // TODO step 14.5: Say what became of a room
        //
        // Another server, or an application that starts something with a room and stops it again,
        // wants to know. `tell_entered` is called when the socket is in the room already: if it is
        // the only one, the room is `Created`, and then `Joined`. `tell_left` is called when it is
        // in there no more: `Left`, and if nobody is left, the room is `Deleted`.
        // `self.tell(event)` queues an event. (Socket.IO, "Rooms", "Room events": `create-room`,
        // `join-room`, `leave-room`, `delete-room`)
        //
        // Stuck? cargo course hint 14.5
        ()
    }

    /// The socket is in the room no more.
    pub(crate) fn tell_left(&mut self, key: Key, room: &str) {
        if self.events.is_none() {
            return;
        }
        // TODO step 14.5, continued: see `Rooms::tell_entered` in src/watching.rs
        ()
    }

    fn tell(&mut self, event: RoomEvent) {
        if let Some(events) = &mut self.events {
            events.push_back(event);
        }
    }
}
