//! The sockets of a namespace. Each has a number, its key, by which the rooms know it: a number
//! takes an eighth of the room of an id, and finds its socket without a hash.

use std::{hash::BuildHasher, sync::Arc};

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use slab::Slab;
use smallvec::SmallVec;

use crate::{
    SocketId,
    sparse::{is_sparse, room_for},
};

/// What it means if one is found that has none.
const STALE: &str =
    "a room holds no key of a socket that has gone: `leave_all` takes it out of each";

/// A socket's number. It may change: see [`Sockets::compact`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(u32);

impl Key {
    /// Of a place in the slab.
    pub(crate) fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).expect("fewer sockets than memory holds: 2^32 take 300 GB"))
    }

    fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug)]
pub(crate) struct Socket<M> {
    pub(crate) id: SocketId,
    pub(crate) member: M,
    /// The rooms that it joined, in that order. One of them, as is common, needs no allocation.
    pub(crate) joined: SmallVec<[Arc<str>; 1]>,
    /// Whether it is in the room of its own id, of which there is no other record.
    pub(crate) in_own_room: bool,
}

impl<M> Socket<M> {
    pub(crate) fn pair(&self) -> (&SocketId, &M) {
        (&self.id, &self.member)
    }
}

#[derive(Debug)]
pub(crate) struct Sockets<M> {
    /// By key.
    slab: Slab<Socket<M>>,
    /// By id. The ids are ours: nobody can choose some with the same hash.
    keys: HashTable<Key>,
}

impl<M> Default for Sockets<M> {
    fn default() -> Self {
        Self { slab: Slab::new(), keys: HashTable::new() }
    }
}

impl<M> Sockets<M> {
    pub(crate) fn len(&self) -> usize {
        self.slab.len()
    }

    pub(crate) fn key(&self, id: &str) -> Option<Key> {
        self.keys.find(hash(id), |key| self.get(*key).id.as_str() == id).copied()
    }

    /// A key that was just found always has its socket.
    pub(crate) fn get(&self, key: Key) -> &Socket<M> {
        self.slab.get(key.index()).expect(STALE)
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> &mut Socket<M> {
        self.slab.get_mut(key.index()).expect(STALE)
    }

    /// In the order of their keys.
    pub(crate) fn iter(&self) -> slab::Iter<'_, Socket<M>> {
        self.slab.iter()
    }

    /// One that is in no room, and whose id is not here yet.
    pub(crate) fn insert(&mut self, id: SocketId, member: M) -> Key {
        let hash = hash(id.as_str());
        let socket = Socket { id, member, joined: SmallVec::new(), in_own_room: false };
        let key = Key::from_index(self.slab.insert(socket));
        let Self { slab, keys } = self;
        keys.insert_unique(hash, key, |key| hash_of(slab, *key));
        key
    }

    pub(crate) fn remove(&mut self, key: Key) -> M {
        let socket = self.slab.remove(key.index());
        let Self { slab, keys } = self;
        if let Ok(entry) = keys.find_entry(hash(socket.id.as_str()), |other| *other == key) {
            entry.remove();
        }
        if is_sparse(keys.len(), keys.capacity()) {
            keys.shrink_to(room_for(keys.len()), |key| hash_of(slab, *key));
        }
        socket.member
    }

    pub(crate) fn is_sparse(&self) -> bool {
        is_sparse(self.slab.len(), self.slab.capacity())
    }

    /// Closes the gaps that those who went have left. A socket that moves gets another key: `moved` is told
    /// the rooms that it joined, the key that it had, and the one that it has.
    pub(crate) fn compact(&mut self, mut moved: impl FnMut(&[Arc<str>], Key, Key)) {
        let Self { slab, keys } = self;
        slab.compact(|socket, from, to| {
            let (from, to) = (Key::from_index(from), Key::from_index(to));
            let key = keys.find_mut(hash(socket.id.as_str()), |key| *key == from);
            *key.expect("each socket has a key") = to;
            moved(&socket.joined, from, to);
            true
        });
    }
}

fn hash(id: &str) -> u64 {
    FxBuildHasher.hash_one(id)
}

fn hash_of<M>(slab: &Slab<Socket<M>>, key: Key) -> u64 {
    hash(slab[key.index()].id.as_str())
}
