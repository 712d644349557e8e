//! What became of the rooms, for whoever watches. When nobody does, nothing is kept.

use std::sync::Arc;

use crate::{RoomEvent, Rooms, sockets::Key};

impl<M> Rooms<M> {
    /// The socket is in the room already.
    pub(crate) fn tell_entered(&mut self, key: Key, room: &str) {
        if self.events.is_none() {
            return;
        }
        // ANCHOR: step_14_5
        let name: Arc<str> = room.into();
        if self.room(room).len() == 1 {
            self.tell(RoomEvent::Created { room: name.clone() });
        }
        let id = self.sockets.get(key).id.clone();
        self.tell(RoomEvent::Joined { room: name, id });
        // ANCHOR_END: step_14_5
    }

    /// The socket is in the room no more.
    pub(crate) fn tell_left(&mut self, key: Key, room: &str) {
        if self.events.is_none() {
            return;
        }
        // ANCHOR: step_14_5_b
        let name: Arc<str> = room.into();
        let id = self.sockets.get(key).id.clone();
        self.tell(RoomEvent::Left { room: name.clone(), id });
        if self.room(room).len() == 0 {
            self.tell(RoomEvent::Deleted { room: name });
        }
        // ANCHOR_END: step_14_5_b
    }

    fn tell(&mut self, event: RoomEvent) {
        if let Some(events) = &mut self.events {
            events.push_back(event);
        }
    }
}
