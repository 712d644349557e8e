//! Whispers that wait for who is away.

use std::time::Instant;

use super::{Guest, Hall, Wish};
use crate::form::check_id;
use crate::{Mistake, Whisper, Whispered};

impl Hall {
    /// Somebody tells one person. What that one is to be shown, which is kept until it has been.
    ///
    /// # Errors
    ///
    /// [`Mistake::Id`], [`Mistake::Text`], [`Mistake::Muted`], [`Mistake::NotHere`], [`Mistake::MailFull`],
    /// [`Mistake::TooFast`].
    pub fn whisper(
        &mut self,
        guest: &Guest,
        whisper: &Whisper,
        now: Instant,
    ) -> Result<Whispered, Mistake> {
        check_id(&whisper.id)?;
        self.limits.check_text(&whisper.text)?;
        self.may_speak(guest, now)?;
        let limit = self.limits.max_mail;
        let waits = self.people.get(&*whisper.to).ok_or(Mistake::NotHere)?.mail.len();
        if waits >= limit {
            return Err(Mistake::MailFull { limit });
        }
        self.spend(guest, Wish::Speak, now)?;
        let (from, at) = (guest.name.to_string(), self.at(now));
        let whispered = Whispered { from, id: whisper.id.clone(), text: whisper.text.clone(), at };
        self.forget(&whisper.to, &whispered.from, &whispered.id); // it may have come before
        let person = self.people.get_mut(&*whisper.to).ok_or(Mistake::NotHere)?;
        person.mail.push_back(whispered.clone());
        Ok(whispered)
    }

    /// A whisper has been shown; whether it was kept until then.
    pub fn forget(&mut self, to: &str, from: &str, id: &str) -> bool {
        let Some(person) = self.people.get_mut(to) else { return false };
        let before = person.mail.len();
        person.mail.retain(|it| (&*it.from, &*it.id) != (from, id));
        person.mail.len() < before
    }
}
