//! Who is in the hall: how somebody comes, goes, and is known again.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use super::Hall;
use crate::{Allowance, Entry, Mistake, Named, Presence, Secret, Whereabouts, Whispered};

/// Somebody who was let in.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Who.
    pub name: Arc<str>,
    /// Another person may have had this name before, and another connection of theirs may not know yet.
    id: u64,
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
pub(super) struct Person {
    id: u64,
    key: Secret,
    /// What the name looks like.
    look: String,
    pub(super) rooms: BTreeSet<String>,
    pub(super) mail: VecDeque<Whispered>,
    pub(super) presence: Is,
    pub(super) address: String,
    pub(super) muted: Option<Instant>,
    pub(super) allowances: [Allowance; 5],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    Here(Visit),
    Away(Instant),
}

impl Hall {
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
        if let Some((name, person)) = self.people.iter().find(|(_, it)| it.look == look) {
            return match **name == *entry.name && person.key.is(&entry.key) {
                true => Ok(Guest { name: Arc::clone(name), id: person.id }),
                false => Err(Mistake::NameTaken { came: entry.name.clone() }),
            };
        }
        if self.people.len() >= self.limits.max_people && !self.forget_a_stranger() {
            return Err(Mistake::Full { what: "people", limit: self.limits.max_people });
        }
        let guest = Guest { name: entry.name.as_str().into(), id: self.serial() };
        let person = Person {
            id: guest.id,
            key: Secret::new(&entry.key),
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
        let visit = Visit(self.serial());
        let person = self.person(guest)?;
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
        // ANCHOR: step_20_5_b
        let person = self.people.get_mut(&guest.name);
        let Some(person) = person.filter(|it| it.presence == Is::Here(visit)) else {
            return Vec::new();
        };
        if by_choice {
            return self.remove(&guest.name, now);
        }
        person.presence = Is::Away(now);
        self.tell(&guest.name, Whereabouts::Away)
        // ANCHOR_END: step_20_5_b
    }

    /// Forgets who is away for too long. What the others are told.
    pub fn sweep(&mut self, now: Instant) -> Vec<Presence> {
        let max = self.limits.max_absence;
        let is_over = |person: &Person| match person.presence {
            Is::Here(_) => false,
            Is::Away(since) => now.saturating_duration_since(since) >= max,
        };
        let over = self.people.iter().filter(|(_, it)| is_over(it));
        let over: Vec<Arc<str>> = over.map(|(name, _)| Arc::clone(name)).collect();
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

    /// Somebody is forgotten: name, rooms and all.
    pub(super) fn remove(&mut self, name: &Arc<str>, now: Instant) -> Vec<Presence> {
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

    /// Somebody who was let in, and is not forgotten.
    pub(super) fn person(&mut self, guest: &Guest) -> Result<&mut Person, Mistake> {
        let person = self.people.get_mut(&guest.name);
        person.filter(|it| it.id == guest.id).ok_or(Mistake::NotHere)
    }
}

impl Person {
    /// In seconds, the last of them a whole one.
    pub(super) fn muted_for(&self, now: Instant) -> u64 {
        let left =
            self.muted.map_or_else(Default::default, |until| until.saturating_duration_since(now));
        left.as_secs() + u64::from(left.subsec_nanos() > 0)
    }
}
