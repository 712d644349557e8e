use std::sync::Arc;

use crate::{Command, Ending, Event, Mailbox, Mistake, Room};

/// One who is connected, for as long as this lives.
///
/// However a conversation ends, be it by a panic or because its task is thrown away, this is dropped
/// with it: nobody stays in the room who is gone.
#[derive(Debug)]
pub struct Visitor {
    room: Arc<Room>,
    id: u64,
    mailbox: Arc<Mailbox>,
    ending: Ending,
}

impl Visitor {
    pub(crate) fn new(room: Arc<Room>, id: u64, mailbox: Arc<Mailbox>) -> Self {
        Self { room, id, mailbox, ending: Ending::Lost }
    }

    /// What waits for this one.
    #[must_use]
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// Does what a command says.
    ///
    /// # Errors
    ///
    /// When it cannot be done; then nothing was.
    pub fn obey(&self, command: &Command) -> Result<(), Mistake> {
        match command {
            Command::Join { name } => self.join(name),
            Command::Say { text } => self.say(text),
        }
    }

    /// Tells this one, and nobody else.
    pub fn tell(&self, event: &Event<'_>) {
        self.mailbox.push(event.encode());
    }

    /// Leaves; the others are told how it ended.
    pub fn leave(mut self, ending: &Ending) {
        self.ending = ending.clone();
    }

    fn join(&self, name: &str) -> Result<(), Mistake> {
        let mut seats = self.room.seats();
        if let Some(name) = seats.name_of(self.id) {
            return Err(Mistake::SecondName { name: name.to_owned() });
        }
        seats.check_name(name, self.room.limits().max_name)?;
        self.tell(&Event::Welcome { name, here: seats.names().collect() });
        seats.arrive(self.id, name);
        Ok(())
    }

    fn say(&self, text: &str) -> Result<(), Mistake> {
        let seats = self.room.seats();
        let name = seats.name_of(self.id).ok_or(Mistake::Nameless)?;
        seats.broadcast(&Event::Said { name, text });
        Ok(())
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.room.seats().depart(self.id, &self.ending.to_string());
    }
}
