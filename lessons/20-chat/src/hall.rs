use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use crate::{History, Limits, Mistake, Rate};

mod desk;
mod mail;
mod people;
mod rooms;
mod talk;

pub use people::{Arrival, Guest, Visit};
pub use talk::Said;

use people::{Is, Person};

/// Who is here, in which rooms, and what was said there. It knows nothing of sockets, and has no clock.
#[derive(Debug)]
pub struct Hall {
    limits: Limits,
    epoch: String,
    began: Began,
    people: BTreeMap<Arc<str>, Person>,
    rooms: BTreeMap<String, Room>,
    /// How many people, connections and rooms there ever were: no two have the same number.
    serial: u64,
}

/// One moment, by both clocks. The one that people read may be set back; so it is read once.
#[derive(Clone, Copy, Debug)]
pub struct Began {
    /// For what lasts.
    pub now: Instant,
    /// For what is shown: in milliseconds since 1970.
    pub at: u64,
}

#[derive(Debug)]
struct Room {
    history: History,
    people: BTreeSet<Arc<str>>,
    /// When the last one went.
    empty: Instant,
}

/// Of what somebody takes a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To say or whisper something.
    Speak,
    /// To send a file.
    Send,
    /// To have one.
    Fetch,
    /// To join or leave, or to see who is where.
    Move,
    /// To tell that one writes.
    Type,
}

impl Hall {
    /// Where nobody is. No other has this epoch.
    #[must_use]
    pub fn new(limits: Limits, epoch: String, began: Began) -> Self {
        let (people, rooms) = (BTreeMap::new(), BTreeMap::new());
        Self { limits, epoch, began, people, rooms, serial: 0 }
    }

    /// What holds here.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Another with each start of the server.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// What the clock shows, in milliseconds since 1970.
    #[must_use]
    pub fn at(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.began.now);
        self.began.at + u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// How many there are, here and away.
    #[must_use]
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// Takes one of a rate, for somebody.
    ///
    /// # Errors
    ///
    /// [`Mistake::TooFast`], and [`Mistake::NotHere`] if they are forgotten.
    pub fn spend(&mut self, guest: &Guest, wish: Wish, now: Instant) -> Result<(), Mistake> {
        let rate = self.rate(wish);
        let allowance = &mut self.person(guest)?.allowances[wish as usize];
        allowance.take(rate, now).map_err(|wait| Mistake::TooFast { wait })
    }

    fn rate(&self, wish: Wish) -> Rate {
        match wish {
            Wish::Speak => self.limits.messages,
            Wish::Send => self.limits.files,
            Wish::Fetch => self.limits.fetches,
            Wish::Move => self.limits.moves,
            Wish::Type => self.limits.typing,
        }
    }

    fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }
}
