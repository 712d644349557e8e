//! What is said in a room.

use std::time::Instant;

use socketio::Bytes;

use super::{Guest, Hall, Wish};
use crate::form::{check_id, check_kind};
use crate::{
    Fetch, FileContent, FileInfo, Message, Mistake, Named, Receipt, Say, SendFile, Typing,
};

/// A message that a room has taken, and its receipt.
#[derive(Debug)]
pub struct Said {
    /// For who said it.
    pub receipt: Receipt,
    /// For the others; nothing, if they have heard it before.
    pub message: Option<Message>,
}

impl Hall {
    /// Somebody tells a room.
    ///
    /// # Errors
    ///
    /// [`Mistake::Id`], [`Mistake::Text`], [`Mistake::NotInRoom`], [`Mistake::Muted`], [`Mistake::TooFast`].
    pub fn say(&mut self, guest: &Guest, say: Say, now: Instant) -> Result<Said, Mistake> {
        check_id(&say.id)?;
        self.limits.check_text(&say.text)?;
        let Say { room, id, text } = say;
        self.record(guest, Draft { room, id, text, file: None }, Bytes::new(), now)
    }

    /// Somebody shows a room a file.
    ///
    /// # Errors
    ///
    /// As [`say`](Self::say), and [`Mistake::TooLarge`], [`Mistake::Kind`], and those of the file's name.
    pub fn send(&mut self, guest: &Guest, send: SendFile, now: Instant) -> Result<Said, Mistake> {
        let SendFile { room, id, name, kind, bytes } = send;
        check_id(&id)?;
        check_kind(&kind)?;
        self.limits.look(Named::File, &name)?;
        let (limit, came) = (self.limits.max_file, bytes.len());
        if came > limit {
            return Err(Mistake::TooLarge { limit, came });
        }
        let file = Some(FileInfo { name, kind, size: came });
        self.record(guest, Draft { room, id, text: String::new(), file }, bytes, now)
    }

    /// The file of a message.
    ///
    /// # Errors
    ///
    /// [`Mistake::NotInRoom`], [`Mistake::FileGone`], [`Mistake::TooFast`].
    pub fn fetch(
        &mut self,
        guest: &Guest,
        fetch: &Fetch,
        now: Instant,
    ) -> Result<FileContent, Mistake> {
        self.spend(guest, Wish::Fetch, now)?;
        let file = self.room(guest, &fetch.room)?.history.file(fetch.number);
        file.ok_or(Mistake::FileGone { came: fetch.number })
    }

    /// Somebody writes. What the others are told.
    ///
    /// # Errors
    ///
    /// [`Mistake::NotInRoom`], [`Mistake::Muted`], [`Mistake::TooFast`].
    pub fn typing(
        &mut self,
        guest: &Guest,
        typing: Typing,
        now: Instant,
    ) -> Result<Typing, Mistake> {
        self.room(guest, &typing.room)?;
        self.may_speak(guest, now)?;
        self.spend(guest, Wish::Type, now)?;
        Ok(Typing { name: guest.name.to_string(), ..typing })
    }

    fn record(
        &mut self,
        guest: &Guest,
        draft: Draft,
        bytes: Bytes,
        now: Instant,
    ) -> Result<Said, Mistake> {
        let history = &self.room(guest, &draft.room)?.history;
        if let Some(receipt) = history.find(&guest.name, &draft.id) {
            return Ok(Said { receipt, message: None });
        }
        self.may_speak(guest, now)?;
        self.spend(guest, if draft.file.is_some() { Wish::Send } else { Wish::Speak }, now)?;
        let at = self.at(now);
        let Draft { room, id, text, file } = draft;
        let history = &mut self.room(guest, &room)?.history;
        let from = guest.name.to_string();
        let message = Message { room, number: 0, at, from, id, text, file };
        let message = history.record(message, bytes);
        let receipt = Receipt { number: message.number, at, again: false };
        Ok(Said { receipt, message: Some(message) })
    }
}

/// What is to become a message.
struct Draft {
    room: String,
    id: String,
    text: String,
    file: Option<FileInfo>,
}
