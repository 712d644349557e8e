//! How a socket enters a room and leaves it. Both know of each other: the room, to find its sockets, and
//! the socket, to leave its rooms and no others.
//!
//! There is no record of the room of a socket's own id, but for a flag: most sockets are in no other,
//! and nothing is to be kept for them.

use std::{mem, sync::Arc};

use hashbrown::hash_map::EntryRef;

use crate::{
    Rooms,
    room::{Joined, Room},
    sockets::Key,
    sparse::{is_sparse, room_for},
};

impl<M> Rooms<M> {
    /// `false` if it is in there already.
    pub(crate) fn enter_own(&mut self, key: Key, id: &str) -> bool {
        let was_in = mem::replace(&mut self.sockets.get_mut(key).in_own_room, true);
        if !was_in {
            self.tell_entered(key, id);
        }
        !was_in
    }

    /// `false` if it is not in there.
    pub(crate) fn leave_own(&mut self, key: Key, id: &str) -> bool {
        let was_in = mem::take(&mut self.sockets.get_mut(key).in_own_room);
        if was_in {
            self.tell_left(key, id);
        }
        was_in
    }

    /// `false` if it is in there already.
    pub(crate) fn enter(&mut self, key: Key, room: &str) -> bool {
        let entered = self.put_in(key, room);
        if entered {
            self.tell_entered(key, room);
        }
        entered
    }

    fn put_in(&mut self, key: Key, room: &str) -> bool {
        // TODO step 14.1: Join, and tell a room
        //
        // Who is in a room is kept twice: the room knows its sockets, to tell them something, and
        // the socket knows its rooms, to leave them. `put_in` enters both. A socket is a `Key`
        // here, a number. If it is in the room already, nothing changes, and the answer is `false`.
        // `candidates` says whom the rooms of a selection mean: none is named, everybody; one,
        // those in it. (Of several, step 14.3 makes one list.) (Socket.IO, "Rooms")
        //
        // Stuck? cargo course hint 14.1
        todo!("step 14.1: Join, and tell a room (cargo course hint 14.1)")
    }

    /// A room's name, shared by all who are in it, and those who joined.
    fn find_or_create(&mut self, room: &str) -> (Arc<str>, &mut Joined) {
        let entry = match self.rooms.entry_ref(room) {
            EntryRef::Occupied(entry) => entry,
            EntryRef::Vacant(entry) => entry.insert_entry_with_key(room.into(), Joined::default()),
        };
        let (name, joined) = entry.into_entry();
        (name.clone(), joined)
    }

    /// `false` if it is not in there.
    pub(crate) fn leave_one(&mut self, key: Key, room: &str) -> bool {
        if !self.take_out(key, room) {
            return false;
        }
        let joined = &mut self.sockets.get_mut(key).joined;
        // From the end: who joins and leaves in turn leaves what it joined last.
        let place = joined.iter().rposition(|name| **name == *room);
        joined.remove(place.expect("a socket knows the rooms that know it"));
        if is_sparse(joined.len(), joined.capacity()) {
            joined.shrink_to_fit();
        }
        true
    }

    /// Out of the room. The socket's list of its rooms is the caller's.
    fn take_out(&mut self, key: Key, room: &str) -> bool {
        let taken = self.remove_from(key, room);
        if taken {
            self.tell_left(key, room);
        }
        taken
    }

    fn remove_from(&mut self, key: Key, room: &str) -> bool {
        // TODO step 14.2: Leave, and leave nothing behind
        //
        // `remove_from` takes a socket out of a room, and says whether it was in there. A room that
        // nobody is in any more is removed from `self.rooms`: nobody would ever ask for it again,
        // and it would stay as long as the server runs. `leave_all` is for a socket that goes:
        // `self.take_out(key, room)` for each room of its list, in the order of the list (step 14.5
        // tells of it), and for no other.
        //
        // Stuck? cargo course hint 14.2
        todo!("step 14.2: Leave, and leave nothing behind (cargo course hint 14.2)")
    }

    /// All but its own.
    pub(crate) fn leave_all(&mut self, key: Key) {
        // TODO step 14.2, continued: see `Rooms::remove_from` in src/membership.rs
        todo!("step 14.2: Leave, and leave nothing behind (cargo course hint 14.2)")
    }

    /// The room of this name.
    pub(crate) fn room(&self, name: &str) -> Room<'_> {
        Room { own: self.own(name), joined: self.rooms.get(name) }
    }

    /// The socket whose own room this is, if it is in there.
    pub(crate) fn own(&self, name: &str) -> Option<Key> {
        // TODO step 14.4: All but some
        //
        // `own` finds the socket whose id this name is, if it is in its own room: there is no other
        // record of that room, but for the flag `in_own_room`. Everything that asks for a room by
        // its name goes through it. With that, "all but me" is "all but the room of my id".
        // `is_excepted` says whether a socket is in any of the rooms that are left out. It is asked
        // for each candidate, so it must not walk through a room.
        //
        // Stuck? cargo course hint 14.4
        None
    }

    /// A flood of sockets, or of rooms, is not kept room for once it is over.
    pub(crate) fn give_back(&mut self) {
        if is_sparse(self.rooms.len(), self.rooms.capacity()) {
            self.rooms.shrink_to(room_for(self.rooms.len()));
        }
        if self.sockets.is_sparse() {
            let Self { sockets, rooms, .. } = self;
            sockets.compact(|joined, from, to| {
                for room in joined {
                    rooms
                        .get_mut(room)
                        .expect("a room is there while somebody is in it")
                        .rename(from, to);
                }
            });
        }
    }
}
