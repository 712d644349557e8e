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
        // ANCHOR: step_13_3
        let before = self.take(id);
        self.waiting.insert(id, (deadline, asker));
        self.deadlines.insert((deadline, id));
        before
        // ANCHOR_END: step_13_3
    }

    /// The answer came: whose is it? `None` if nobody waits, or nobody any longer.
    pub fn take(&mut self, id: AckId) -> Option<T> {
        // ANCHOR: step_13_3_b
        let (deadline, asker) = self.waiting.remove(&id)?;
        self.deadlines.remove(&(deadline, id));
        self.give_back();
        Some(asker)
        // ANCHOR_END: step_13_3_b
    }

    /// The next of those whose deadline has come.
    pub fn expire(&mut self, now: Instant) -> Option<T> {
        // ANCHOR: step_13_3_c
        let &(deadline, id) = self.deadlines.first()?;
        if now < deadline { None } else { self.take(id) }
        // ANCHOR_END: step_13_3_c
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
