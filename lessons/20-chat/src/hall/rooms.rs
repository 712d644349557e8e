//! Who is in which room.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use super::{Guest, Hall, Is, Room, Wish};
use crate::{History, Join, Joined, Mistake, Named, Person as Shown, RoomSummary};

impl Hall {
    /// Puts somebody into a room, which is made if it is not there. What they find, and whether they were not there
    /// before.
    ///
    /// # Errors
    ///
    /// [`Mistake::NameLength`] and [`Mistake::NameForm`] of the room, [`Mistake::TooManyRooms`], [`Mistake::Full`], and
    /// [`Mistake::TooFast`].
    pub fn join(
        &mut self,
        guest: &Guest,
        join: &Join,
        now: Instant,
    ) -> Result<(Joined, bool), Mistake> {
        self.limits.look(Named::Room, &join.room)?;
        self.spend(guest, Wish::Move, now)?;
        let limit = self.limits.max_rooms_each;
        let rooms = &self.person(guest)?.rooms;
        if !rooms.contains(&join.room) && rooms.len() >= limit {
            return Err(Mistake::TooManyRooms { limit });
        }
        self.make(&join.room, now)?;
        let is_new = self.person(guest)?.rooms.insert(join.room.clone());
        let room = self.rooms.get_mut(&join.room).ok_or(Mistake::NotInRoom)?;
        room.people.insert(Arc::clone(&guest.name));
        let (messages, complete) = room.history.since(join.since.as_ref());
        let (epoch, last) = (room.history.epoch().to_owned(), room.history.last());
        let people = self.people_in(&join.room);
        Ok((Joined { room: join.room.clone(), epoch, last, complete, messages, people }, is_new))
    }

    /// Takes somebody out of a room; whether they were there.
    ///
    /// # Errors
    ///
    /// [`Mistake::TooFast`].
    pub fn leave(&mut self, guest: &Guest, room: &str, now: Instant) -> Result<bool, Mistake> {
        self.spend(guest, Wish::Move, now)?;
        let was_there = self.person(guest).is_ok_and(|person| person.rooms.remove(room));
        if let (true, Some(room)) = (was_there, self.rooms.get_mut(room)) {
            room.people.remove(&guest.name);
            room.empty = now;
        }
        Ok(was_there)
    }

    /// Which rooms there are.
    #[must_use]
    pub fn rooms(&self) -> Vec<RoomSummary> {
        let summary = |(name, room): (&String, &Room)| RoomSummary {
            room: name.clone(),
            people: room.people.len(),
        };
        self.rooms.iter().map(summary).collect()
    }

    /// Who is in a room, for somebody in it.
    ///
    /// # Errors
    ///
    /// [`Mistake::NotInRoom`], [`Mistake::TooFast`].
    pub fn who(&mut self, guest: &Guest, room: &str, now: Instant) -> Result<Vec<Shown>, Mistake> {
        self.room(guest, room)?;
        self.spend(guest, Wish::Move, now)?;
        Ok(self.people_in(room))
    }

    /// A room that somebody is in.
    pub(super) fn room(&mut self, guest: &Guest, room: &str) -> Result<&mut Room, Mistake> {
        let room = self.rooms.get_mut(room).filter(|it| it.people.contains(&guest.name));
        room.ok_or(Mistake::NotInRoom)
    }

    fn people_in(&self, room: &str) -> Vec<Shown> {
        let names = self.rooms.get(room).into_iter().flat_map(|room| &room.people);
        let is_away =
            |name| self.people.get(name).is_some_and(|it| matches!(it.presence, Is::Away(_)));
        names.map(|name| Shown { name: name.to_string(), away: is_away(name) }).collect()
    }

    /// Makes a room, if it is not there. The one that has been empty for longest makes place.
    fn make(&mut self, name: &str, now: Instant) -> Result<(), Mistake> {
        if self.rooms.contains_key(name) {
            return Ok(());
        }
        let limit = self.limits.max_rooms;
        if self.rooms.len() >= limit {
            let empty = self.rooms.iter().filter(|(_, room)| room.people.is_empty());
            let oldest = empty.min_by_key(|(_, room)| room.empty).map(|(name, _)| name.clone());
            let oldest = oldest.ok_or(Mistake::Full { what: "rooms", limit })?;
            self.rooms.remove(&oldest);
        }
        let serial = self.serial();
        let epoch = format!("{}-{serial}", self.epoch);
        let history = History::new(epoch, &self.limits);
        self.rooms.insert(name.to_owned(), Room { history, people: BTreeSet::new(), empty: now });
        Ok(())
    }
}
