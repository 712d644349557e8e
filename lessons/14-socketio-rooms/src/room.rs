use hashbrown::hash_set;
use rustc_hash::FxBuildHasher;

use crate::{
    sockets::Key,
    sparse::{is_sparse, room_for},
};

/// Those who joined a room: all who are in it, but for the one whose id its name may be.
///
/// Keys are ours: nobody can choose some with the same hash, so a quick one will do.
#[derive(Debug, Default)]
pub(crate) struct Joined(hashbrown::HashSet<Key, FxBuildHasher>);

impl Joined {
    /// `false` if it is in here already.
    pub(crate) fn insert(&mut self, key: Key) -> bool {
        self.0.insert(key)
    }

    /// `false` if it is not in here.
    pub(crate) fn remove(&mut self, key: Key) -> bool {
        let removed = self.0.remove(&key);
        if is_sparse(self.0.len(), self.0.capacity()) {
            self.0.shrink_to(room_for(self.0.len()));
        }
        removed
    }

    /// The same socket, by another key.
    pub(crate) fn rename(&mut self, from: Key, to: Key) {
        self.0.remove(&from);
        self.0.insert(to);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A room, found by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room<'a> {
    /// The socket whose id is the room's name.
    pub(crate) own: Option<Key>,
    /// The others.
    pub(crate) joined: Option<&'a Joined>,
}

impl<'a> Room<'a> {
    pub(crate) fn len(self) -> usize {
        usize::from(self.own.is_some()) + self.joined.map_or(0, |joined| joined.0.len())
    }

    pub(crate) fn contains(self, key: Key) -> bool {
        self.own == Some(key) || self.joined.is_some_and(|joined| joined.0.contains(&key))
    }

    pub(crate) fn keys(self) -> Keys<'a> {
        Keys { own: self.own, joined: self.joined.map(|joined| joined.0.iter()) }
    }
}

/// The keys of those in a room, each once.
#[derive(Clone, Debug)]
pub(crate) struct Keys<'a> {
    own: Option<Key>,
    joined: Option<hash_set::Iter<'a, Key>>,
}

impl Iterator for Keys<'_> {
    type Item = Key;

    fn next(&mut self) -> Option<Key> {
        self.own.take().or_else(|| self.joined.as_mut()?.next().copied())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::from(self.own.is_some())
            + self.joined.as_ref().map_or(0, ExactSizeIterator::len);
        (left, Some(left))
    }
}
