use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use socketio_packet::AckId;

/// The answers that one socket waits for, each no longer than until its deadline. `T` is what the
/// application needs to know who asked.
#[derive(Debug)]
pub struct Acks<T> {
    waiting: BTreeMap<AckId, (Instant, T)>,
    /// The same, the earliest first.
    deadlines: BTreeSet<(Instant, AckId)>,
}

impl<T> Acks<T> {
    /// An answer is awaited. Ids are counted, so nobody waits under this one; if somebody does, the
    /// answer will be the new asker's, and the one before is given back.
    #[must_use = "whoever is given back hears of no answer otherwise"]
    pub fn insert(&mut self, id: AckId, deadline: Instant, asker: T) -> Option<T> {
        // TODO step 13.3: Whose the answer is
        //
        // Who asks waits under an id, until a deadline. `Acks` finds a waiting one in two ways: by
        // the id, when the answer comes, and by the deadline, when it does not. So it keeps two
        // collections, and whatever changes one changes the other. `insert` puts the asker into
        // both; if somebody waits under this id, that one is taken out first, and given back.
        // `take` takes one out of both; `give_back` then frees what an empty tree still holds.
        // `expire` takes the one with the earliest deadline, if that is not after `now`. `answer`
        // is for the questions of the client: it needs no more than `send` and what the token
        // knows. (Socket.IO protocol, "Acknowledgement")
        //
        // Stuck? cargo course hint 13.3
        todo!("step 13.3: Whose the answer is (cargo course hint 13.3)")
    }

    /// The answer came: whose is it? `None` if nobody waits, or nobody any longer.
    pub fn take(&mut self, id: AckId) -> Option<T> {
        // TODO step 13.3, continued: see `Acks::insert` in src/acks.rs
        todo!("step 13.3: Whose the answer is (cargo course hint 13.3)")
    }

    /// The next of those whose deadline has come.
    pub fn expire(&mut self, now: Instant) -> Option<T> {
        // TODO step 13.3, continued: see `Acks::insert` in src/acks.rs
        todo!("step 13.3: Whose the answer is (cargo course hint 13.3)")
    }

    /// When the next deadline comes.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// How many answers are awaited.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Those who wait.
    pub fn askers(&self) -> impl Iterator<Item = &T> {
        self.waiting.values().map(|(_, asker)| asker)
    }

    /// All that wait, in the order in which they asked: nobody will answer them any more.
    pub fn into_askers(self) -> impl Iterator<Item = T> {
        self.waiting.into_values().map(|(_, asker)| asker)
    }

    /// A tree that was emptied keeps its last node, half a kilobyte; a new one has none.
    fn give_back(&mut self) {
        if self.is_empty() {
            *self = Self::default();
        }
    }
}

impl<T> Default for Acks<T> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), deadlines: BTreeSet::new() }
    }
}
