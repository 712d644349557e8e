use std::vec;

use smallvec::SmallVec;

use crate::{
    Rooms, SocketId,
    room::{Keys, Room},
    sockets::{Key, Socket, Sockets},
};

/// Some rooms, found. One or two of them need no allocation.
pub(crate) type Found<'a> = SmallVec<[Room<'a>; 2]>;

/// Whom a [`Selection`](crate::Selection) means, each once.
#[derive(Debug)]
pub struct Selected<'a, M> {
    sockets: &'a Sockets<M>,
    candidates: Candidates<'a, M>,
    except: Found<'a>,
}

/// Whom the rooms of a selection mean, before some are left out.
#[derive(Debug)]
pub(crate) enum Candidates<'a, M> {
    Everybody(slab::Iter<'a, Socket<M>>),
    OneRoom(Keys<'a>),
    Several(vec::IntoIter<Key>),
}

impl<'a, M> Selected<'a, M> {
    pub(crate) fn new(
        sockets: &'a Sockets<M>,
        candidates: Candidates<'a, M>,
        except: Found<'a>,
    ) -> Self {
        Self { sockets, candidates, except }
    }

    /// A room may hold thousands, of whom few are candidates: it is asked about one, and never gone through.
    fn is_excepted(&self, key: Key) -> bool {
        // TODO step 14.4, continued: see `Rooms::own` in src/membership.rs
        false
    }
}

impl<'a, M> Iterator for Selected<'a, M> {
    type Item = (&'a SocketId, &'a M);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let key = self.candidates.next()?;
            if !self.is_excepted(key) {
                return Some(self.sockets.get(key).pair());
            }
        }
    }

    /// So that whoever collects reserves room once.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let candidates = self.candidates.len();
        let excepted = self.except.iter().map(|room| room.len()).sum();
        (candidates.saturating_sub(excepted), Some(candidates))
    }
}

impl<M> Candidates<'_, M> {
    fn next(&mut self) -> Option<Key> {
        match self {
            Self::Everybody(sockets) => sockets.next().map(|(index, _)| Key::from_index(index)),
            Self::OneRoom(keys) => keys.next(),
            Self::Several(keys) => keys.next(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Everybody(sockets) => sockets.len(),
            Self::OneRoom(keys) => keys.size_hint().0,
            Self::Several(keys) => keys.len(),
        }
    }
}

impl<M> Rooms<M> {
    /// `rooms` are those that a selection names.
    pub(crate) fn candidates<'a>(&'a self, rooms: &[Room<'a>]) -> Candidates<'a, M> {
        if rooms.len() > 1 {
            return Candidates::Several(union(rooms).into_iter());
        }
        // TODO step 14.1, continued: see `Rooms::put_in` in src/membership.rs
        todo!("step 14.1: Join, and tell a room (cargo course hint 14.1)")
    }
}

/// Who is in any of these rooms, each once.
fn union(rooms: &[Room<'_>]) -> Vec<Key> {
    // TODO step 14.3: Several rooms, each socket once
    //
    // The keys of all who are in any of these rooms, and each key once, in any order. A socket may
    // be in all of them, and a room may be named twice. (Socket.IO, "Rooms": "a union is performed:
    // every socket that is at least in one of the rooms will get the event once")
    //
    // Stuck? cargo course hint 14.3
    todo!("step 14.3: Several rooms, each socket once (cargo course hint 14.3)")
}
