//! What the desk sees and does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Guest, Hall, Is};
use crate::{Mistake, Mute, Presence, Seen};

/// A day. Nobody stays as long without leaving.
const LONGEST_MUTE: u64 = 24 * 60 * 60;

impl Hall {
    /// Everybody.
    #[must_use]
    pub fn seen(&self, now: Instant) -> Vec<Seen> {
        let people = self.people.iter().map(|(name, person)| Seen {
            name: name.to_string(),
            away: matches!(person.presence, Is::Away(_)),
            rooms: person.rooms.iter().cloned().collect(),
            address: person.address.clone(),
            muted: person.muted_for(now),
        });
        people.collect()
    }

    /// Silences somebody.
    ///
    /// # Errors
    ///
    /// [`Mistake::NotHere`].
    pub fn mute(&mut self, mute: &Mute, now: Instant) -> Result<(), Mistake> {
        let person = self.people.get_mut(&*mute.name).ok_or(Mistake::NotHere)?;
        let time = Duration::from_secs(mute.seconds.min(LONGEST_MUTE));
        person.muted = (!time.is_zero()).then(|| now + time);
        Ok(())
    }

    /// Forgets somebody. What the others are told.
    ///
    /// # Errors
    ///
    /// [`Mistake::NotHere`].
    pub fn dismiss(&mut self, name: &str, now: Instant) -> Result<Vec<Presence>, Mistake> {
        let (name, _) = self.people.get_key_value(name).ok_or(Mistake::NotHere)?;
        Ok(self.remove(&Arc::clone(name), now))
    }

    /// Whether the desk lets somebody speak.
    pub(super) fn may_speak(&mut self, guest: &Guest, now: Instant) -> Result<(), Mistake> {
        // TODO step 20.4, continued: see `Secret::is` in src/secret.rs
        Ok(())
    }
}
