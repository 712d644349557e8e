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
        // TODO step 7.5: A limit on everything, and a goodbye
        //
        // `Room::close` marks the room as not open, and puts `Ending::Stopping` into every mailbox:
        // each conversation then ends with 1001. `Ending::of` tells apart why a socket failed:
        // `Capacity` is `TooLong` (1009), `Utf8` is `NotText` (1007), `Protocol` is `Broken` with
        // the error's text as its rule (1002), except that
        // `ProtocolError::ResetWithoutClosingHandshake` is `Lost`, as is everything else.
        // `has_room` says whether one more may come when `max_connections` may be here. `pause`
        // gives the end of the second that began at `self.began`, when that is still to come and
        // `max_rate` messages were spent in it. (RFC 6455, section 7.4.1)
        //
        // Stuck? cargo course hint 7.5
        ()
    }

    pub(crate) fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seats {
    /// Tells everyone who has a name.
    pub(crate) fn broadcast(&self, event: &Event<'_>) {
        // TODO step 7.1: Everyone to everyone
        //
        // Encode the event once, and put a clone of it into the mailbox of each seat that has a
        // name. The clone copies no bytes: all of them own the same ones. A seat without a name
        // belongs to somebody who is connected and has not said who it is; it hears nothing.
        //
        // Stuck? cargo course hint 7.1
        ()
    }

    /// Whether somebody may be here under this name.
    pub(crate) fn check_name(&self, name: &str, max_name: usize) -> Result<(), Mistake> {
        // TODO step 7.2: Who is here
        //
        // A name has 1 to `max_name` characters, else `Mistake::NameLength`. It can be seen, and
        // has no control character and no white space at its ends, else `Mistake::NameForm`. It
        // looks like no name that somebody here has, else `Mistake::NameTaken`. `skeleton` (Unicode
        // Technical Standard 39, section 4) makes the same characters of all names that look alike,
        // and no character at all of a name that cannot be seen. Check in this order. `arrive`
        // tells those who are here with `Event::Joined`, and only then gives the newcomer its name:
        // it has been welcomed already. `depart` takes the seat away and, if it had a name, tells
        // those who stay with `Event::Left`. It is called when a `Visitor` is dropped, however that
        // comes about.
        //
        // Stuck? cargo course hint 7.2
        Ok(())
    }

    /// Somebody who is connected gets a name; those who are here are told.
    pub(crate) fn arrive(&mut self, id: u64, name: &str) {
        // TODO step 7.2, continued: see `Seats::check_name` in src/room.rs
        self.set_name(id, name)
    }

    /// Somebody is gone; those who stay are told, if it had a name.
    pub(crate) fn depart(&mut self, id: u64, why: &str) {
        // TODO step 7.2, continued: see `Seats::check_name` in src/room.rs
        ()
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
        // TODO step 7.5, continued: see `Room::close` in src/room.rs
        true
    }
}
