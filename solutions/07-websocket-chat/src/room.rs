use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use unicode_security::skeleton;

use crate::{Ending, Event, Limits, Mailbox, Mistake, Refusal, Visitor};

/// Who is connected, and the names of those who have joined.
///
/// One lock holds all of it. Whoever tells everyone something holds the lock while it goes around, and
/// so everyone hears everything in the same order. Going around is short: a mailbox takes a message
/// without waiting.
#[derive(Debug)]
pub struct Room {
    limits: Limits,
    seats: Mutex<Seats>,
}

/// In the order in which they came.
#[derive(Debug)]
pub(crate) struct Seats {
    taken: BTreeMap<u64, Seat>,
    next: u64,
    open: bool,
}

#[derive(Debug)]
struct Seat {
    /// `None` until the client has said who it is.
    name: Option<String>,
    mailbox: Arc<Mailbox>,
}

impl Room {
    /// An empty room.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let seats = Seats { taken: BTreeMap::new(), next: 0, open: true };
        Self { limits, seats: Mutex::new(seats) }
    }

    /// What holds in this room.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Lets one more in, who has no name yet and hears nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal::Full`] and [`Refusal::Stopping`].
    pub fn enter(self: &Arc<Self>) -> Result<Visitor, Refusal> {
        let mut seats = self.seats();
        if !seats.open {
            return Err(Refusal::Stopping);
        }
        if !seats.has_room(self.limits.max_connections) {
            return Err(Refusal::Full { limit: self.limits.max_connections });
        }
        let mailbox = Arc::new(Mailbox::new(self.limits.max_unread));
        let id = seats.take(Arc::clone(&mailbox));
        Ok(Visitor::new(Arc::clone(self), id, mailbox))
    }

    /// Lets nobody in any more, and ends every conversation.
    pub fn close(&self) {
        // ANCHOR: step_7_5
        let mut seats = self.seats();
        seats.open = false;
        for seat in seats.taken.values() {
            seat.mailbox.end(Ending::Stopping);
        }
        // ANCHOR_END: step_7_5
    }

    pub(crate) fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seats {
    /// Tells everyone who has a name.
    pub(crate) fn broadcast(&self, event: &Event<'_>) {
        // ANCHOR: step_7_1
        let message = event.encode();
        for seat in self.taken.values().filter(|seat| seat.name.is_some()) {
            seat.mailbox.push(message.clone());
        }
        // ANCHOR_END: step_7_1
    }

    /// Whether somebody may be here under this name.
    pub(crate) fn check_name(&self, name: &str, max_name: usize) -> Result<(), Mistake> {
        // ANCHOR: step_7_2
        let came = name.chars().count();
        if !(1..=max_name).contains(&came) {
            return Err(Mistake::NameLength { limit: max_name, came });
        }
        let look: String = skeleton(name).collect();
        if look.is_empty() || name.trim() != name || name.chars().any(char::is_control) {
            return Err(Mistake::NameForm { came: name.to_owned() });
        }
        if self.names().any(|taken| skeleton(taken).eq(look.chars())) {
            return Err(Mistake::NameTaken { came: name.to_owned() });
        }
        Ok(())
        // ANCHOR_END: step_7_2
    }

    /// Somebody who is connected gets a name; those who are here are told.
    pub(crate) fn arrive(&mut self, id: u64, name: &str) {
        // ANCHOR: step_7_2_b
        self.broadcast(&Event::Joined { name });
        self.set_name(id, name);
        // ANCHOR_END: step_7_2_b
    }

    /// Somebody is gone; those who stay are told, if it had a name.
    pub(crate) fn depart(&mut self, id: u64, why: &str) {
        // ANCHOR: step_7_2_c
        if let Some(Seat { name: Some(name), .. }) = self.taken.remove(&id) {
            self.broadcast(&Event::Left { name: &name, why });
        }
        // ANCHOR_END: step_7_2_c
    }

    /// The names of all who have one.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.taken.values().filter_map(|seat| seat.name.as_deref())
    }

    pub(crate) fn name_of(&self, id: u64) -> Option<&str> {
        self.taken.get(&id)?.name.as_deref()
    }

    fn set_name(&mut self, id: u64, name: &str) {
        if let Some(seat) = self.taken.get_mut(&id) {
            seat.name = Some(name.to_owned());
        }
    }

    fn take(&mut self, mailbox: Arc<Mailbox>) -> u64 {
        let id = self.next;
        self.next += 1;
        self.taken.insert(id, Seat { name: None, mailbox });
        id
    }

    fn has_room(&self, max_connections: usize) -> bool {
        // ANCHOR: step_7_5_c
        self.taken.len() < max_connections
        // ANCHOR_END: step_7_5_c
    }
}
