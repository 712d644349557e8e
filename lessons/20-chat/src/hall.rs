use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use crate::{
    Allowance, Entry, History, Limits, Mistake, Named, Presence, Rate, Secret, Whereabouts,
    Whispered,
};

mod desk;
mod mail;
mod rooms;
mod talk;

pub use talk::Said;

/// Who is here, in which rooms, and what was said there. It knows nothing of sockets, and has no clock.
#[derive(Debug)]
pub struct Hall {
    limits: Limits,
    epoch: String,
    began: Began,
    people: BTreeMap<Arc<str>, Person>,
    rooms: BTreeMap<String, Room>,
    /// How many rooms were ever made: part of their epochs.
    made: u64,
    /// How many connections ever came.
    visits: u64,
}

/// One moment, by both clocks. The one that people read may be set back; so it is read once.
#[derive(Clone, Copy, Debug)]
pub struct Began {
    /// For what lasts.
    pub now: Instant,
    /// For what is shown: in milliseconds since 1970.
    pub at: u64,
}

/// Somebody who was let in.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Who.
    pub name: Arc<str>,
    key: Secret,
}

/// One connection of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit(u64);

/// What somebody finds who comes in, and what the others are told.
#[derive(Debug)]
pub struct Arrival {
    /// The connection.
    pub visit: Visit,
    /// The rooms that are theirs still.
    pub rooms: Vec<String>,
    /// What waits for them.
    pub mail: Vec<Whispered>,
    /// For how many seconds they may not speak.
    pub muted: u64,
    /// For each room; none, if they were there all the time, by an older connection.
    pub told: Vec<Presence>,
}

#[derive(Debug)]
struct Person {
    key: Secret,
    /// What the name looks like.
    look: String,
    rooms: BTreeSet<String>,
    mail: VecDeque<Whispered>,
    presence: Is,
    address: String,
    muted: Option<Instant>,
    allowances: [Allowance; 5],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    Here(Visit),
    Away(Instant),
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
        Self { limits, epoch, began, people, rooms, made: 0, visits: 0 }
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

    /// Gives somebody a name, or knows them again by their key.
    ///
    /// # Errors
    ///
    /// [`Mistake::NameLength`], [`Mistake::NameForm`], [`Mistake::NameTaken`], [`Mistake::Key`] and [`Mistake::Full`].
    pub fn admit(&mut self, entry: &Entry, now: Instant) -> Result<Guest, Mistake> {
        let look = self.limits.look(Named::Person, &entry.name)?;
        if !(16..=64).contains(&entry.key.len()) {
            return Err(Mistake::Key { came: entry.key.len() });
        }
        let guest = Guest { name: entry.name.as_str().into(), key: Secret::new(&entry.key) };
        if let Some((name, person)) = self.people.iter().find(|(_, it)| it.look == look) {
            let is_same = *name == guest.name && person.key.is(&entry.key);
            let taken = Mistake::NameTaken { came: entry.name.clone() };
            return if is_same { Ok(guest) } else { Err(taken) };
        }
        if self.people.len() >= self.limits.max_people && !self.forget_a_stranger() {
            return Err(Mistake::Full { what: "people", limit: self.limits.max_people });
        }
        let person = Person {
            key: guest.key.clone(),
            look,
            rooms: BTreeSet::new(),
            mail: VecDeque::new(),
            presence: Is::Away(now),
            address: String::new(),
            muted: None,
            allowances: [Allowance::new(now); 5],
        };
        self.people.insert(Arc::clone(&guest.name), person);
        Ok(guest)
    }

    /// Somebody who was let in is connected. An older connection of theirs counts no more.
    ///
    /// # Errors
    ///
    /// [`Mistake::NotHere`], if it took them so long that they are forgotten.
    pub fn arrive(
        &mut self,
        guest: &Guest,
        address: String,
        now: Instant,
    ) -> Result<Arrival, Mistake> {
        let visit = Visit(self.visits);
        self.visits += 1;
        let person = self.people.get_mut(&guest.name).ok_or(Mistake::NotHere)?;
        let was_away = matches!(person.presence, Is::Away(_));
        person.presence = Is::Here(visit);
        person.address = address;
        let (rooms, mail) =
            (person.rooms.iter().cloned().collect(), person.mail.iter().cloned().collect());
        let muted = person.muted_for(now);
        let told = if was_away { self.tell(&guest.name, Whereabouts::Here) } else { Vec::new() };
        Ok(Arrival { visit, rooms, mail, muted, told })
    }

    /// A connection has ended. What the others are told: nothing, if it was not somebody's latest.
    pub fn depart(
        &mut self,
        guest: &Guest,
        visit: Visit,
        by_choice: bool,
        now: Instant,
    ) -> Vec<Presence> {
        // TODO step 20.5, continued: see `Allowance::take` in src/allowance.rs
        self.remove(&guest.name, now)
    }

    /// Forgets who is away for too long. What the others are told.
    pub fn sweep(&mut self, now: Instant) -> Vec<Presence> {
        let max = self.limits.max_absence;
        let is_over = |person: &Person| matches!(person.presence, Is::Away(since) if now.saturating_duration_since(since) >= max);
        let over: Vec<Arc<str>> = self
            .people
            .iter()
            .filter(|(_, it)| is_over(it))
            .map(|(name, _)| Arc::clone(name))
            .collect();
        over.iter().flat_map(|name| self.remove(name, now)).collect()
    }

    /// Whoever came, joined no room and went makes place, who has been away for longest first: otherwise anybody could
    /// fill the hall with names. Nobody has to be told. Whether there was one.
    fn forget_a_stranger(&mut self) -> bool {
        let strangers = self.people.iter().filter_map(|(name, person)| match person.presence {
            Is::Away(since) if person.rooms.is_empty() && person.mail.is_empty() => {
                Some((since, Arc::clone(name)))
            }
            _ => None,
        });
        let longest = strangers.min();
        longest.is_some_and(|(_, name)| self.people.remove(&name).is_some())
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

    /// Somebody is forgotten: name, rooms and all.
    fn remove(&mut self, name: &Arc<str>, now: Instant) -> Vec<Presence> {
        let told = self.tell(name, Whereabouts::Gone);
        for presence in &told {
            if let Some(room) = self.rooms.get_mut(&presence.room) {
                room.people.remove(name);
                room.empty = now;
            }
        }
        self.people.remove(name);
        told
    }

    /// What each of somebody's rooms is told.
    fn tell(&self, name: &Arc<str>, is: Whereabouts) -> Vec<Presence> {
        let rooms = self.people.get(name).into_iter().flat_map(|person| &person.rooms);
        rooms.map(|room| Presence { room: room.clone(), name: name.to_string(), is }).collect()
    }

    fn person(&mut self, guest: &Guest) -> Result<&mut Person, Mistake> {
        self.people.get_mut(&guest.name).ok_or(Mistake::NotHere)
    }
}

impl Person {
    fn muted_for(&self, now: Instant) -> u64 {
        let left =
            self.muted.map_or_else(Default::default, |until| until.saturating_duration_since(now));
        left.as_secs() + u64::from(left.subsec_nanos() > 0)
    }
}
