use std::{collections::VecDeque, hash::RandomState, mem, sync::Arc};

use hashbrown::HashMap;

use crate::{
    RoomEvent, Selected, Selection, SocketId,
    room::Joined,
    select::Found,
    sockets::Sockets,
    sparse::{is_sparse, room_for},
};

/// Who is in which room of one namespace.
///
/// `M` stands for a socket: whatever its owner sends through.
#[derive(Debug)]
pub struct Rooms<M> {
    pub(crate) sockets: Sockets<M>,
    /// Those that somebody joined. A client may choose their names, so their hash has a secret.
    pub(crate) rooms: HashMap<Arc<str>, Joined, RandomState>,
    /// What nobody has polled yet, if somebody will.
    pub(crate) events: Option<VecDeque<RoomEvent>>,
}

impl<M> Default for Rooms<M> {
    fn default() -> Self {
        Self { sockets: Sockets::default(), rooms: HashMap::default(), events: None }
    }
}

impl<M> Rooms<M> {
    /// Rooms that say what becomes of them: poll [`Rooms::poll_event`] after each change.
    #[must_use]
    pub fn watched() -> Self {
        Self { events: Some(VecDeque::new()), ..Self::default() }
    }

    /// A socket comes, and is at once in the room of its own id.
    ///
    /// If one with this id is here already, it stays in its rooms, `member` stands for it from now on, and
    /// what did so before comes back.
    pub fn insert(&mut self, id: SocketId, member: M) -> Option<M> {
        if let Some(key) = self.sockets.key(id.as_str()) {
            return Some(mem::replace(&mut self.sockets.get_mut(key).member, member));
        }
        let key = self.sockets.insert(id.clone(), member);
        self.enter_own(key, id.as_str());
        None
    }

    /// A socket goes, and leaves every room.
    pub fn remove(&mut self, id: &str) -> Option<M> {
        let key = self.sockets.key(id)?;
        self.leave_own(key, id);
        self.leave_all(key);
        let member = self.sockets.remove(key);
        self.give_back();
        Some(member)
    }

    /// What stands for a socket.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&M> {
        let key = self.sockets.key(id)?;
        Some(&self.sockets.get(key).member)
    }

    /// How many sockets there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sockets.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A socket enters a room. `false` if there is no such socket, or it is in there already.
    pub fn join(&mut self, id: &str, room: &str) -> bool {
        match self.sockets.key(id) {
            Some(key) if id == room => self.enter_own(key, id),
            Some(key) => self.enter(key, room),
            None => false,
        }
    }

    /// A socket leaves a room, be it that of its own id. `false` if it is not in there.
    pub fn leave(&mut self, id: &str, room: &str) -> bool {
        let left = match self.sockets.key(id) {
            Some(key) if id == room => self.leave_own(key, id),
            Some(key) => self.leave_one(key, room),
            None => false,
        };
        self.give_back();
        left
    }

    /// The rooms that a socket is in: that of its own id, then the others as it joined them.
    pub fn rooms_of(&self, id: &str) -> impl Iterator<Item = &str> {
        let socket = self.sockets.key(id).map(|key| self.sockets.get(key));
        socket.into_iter().flat_map(|socket| {
            let own = socket.in_own_room.then_some(socket.id.as_str());
            own.into_iter().chain(socket.joined.iter().map(|room| &**room))
        })
    }

    /// All rooms, in no order.
    pub fn rooms(&self) -> impl Iterator<Item = &str> {
        let own = self.sockets.iter().filter(|(_, socket)| socket.in_own_room);
        let joined = self.rooms.keys().map(|room| &**room).filter(|room| self.own(room).is_none());
        own.map(|(_, socket)| socket.id.as_str()).chain(joined)
    }

    /// Who is in a room.
    pub fn members(&self, room: &str) -> impl Iterator<Item = (&SocketId, &M)> {
        self.room(room).keys().map(|key| self.sockets.get(key).pair())
    }

    /// Whom a selection means, each once. The order is not that of their coming, but the same each time.
    pub fn select(&self, selection: &Selection) -> Selected<'_, M> {
        let rooms: Found<'_> = selection.rooms().map(|room| self.room(room)).collect();
        let except = selection.excepted().map(|room| self.room(room)).collect();
        Selected::new(&self.sockets, self.candidates(&rooms), except)
    }

    /// What became of a room, in order. `None` also if these are not [watched](Rooms::watched).
    pub fn poll_event(&mut self) -> Option<RoomEvent> {
        let events = self.events.as_mut()?;
        let event = events.pop_front();
        if is_sparse(events.len(), events.capacity()) {
            events.shrink_to(room_for(events.len()));
        }
        event
    }
}
