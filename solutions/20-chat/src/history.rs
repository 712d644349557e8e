use std::collections::VecDeque;

use socketio::Bytes;

use crate::{FileContent, Limits, Message, Receipt, Since};

/// What a room remembers: its latest messages, numbered, within bounds.
#[derive(Debug)]
pub struct History {
    epoch: String,
    kept: VecDeque<Kept>,
    bytes: usize,
    last: u64,
    max_messages: usize,
    max_bytes: usize,
}

#[derive(Debug)]
struct Kept {
    message: Message,
    /// If it is a file.
    bytes: Bytes,
}

impl History {
    /// Of a room where nothing was said. No other has this epoch.
    #[must_use]
    pub fn new(epoch: String, limits: &Limits) -> Self {
        let (max_messages, max_bytes) = (limits.max_history, limits.max_history_bytes);
        Self { epoch, kept: VecDeque::new(), bytes: 0, last: 0, max_messages, max_bytes }
    }

    /// Whose numbers these are.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// The number of the last message; 0 if there was none.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last
    }

    /// What somebody who has `since` does not have, from the oldest on, and whether that is all of it.
    #[must_use]
    pub fn since(&self, since: Option<&Since>) -> (Vec<Message>, bool) {
        // ANCHOR: step_20_1_b
        // Numbers of another epoch say nothing about this one.
        let known = since.filter(|it| it.epoch == self.epoch);
        let has = known.map_or(0, |it| it.number);
        let missed = self.kept.iter().map(|kept| &kept.message).filter(|it| it.number > has);
        let oldest = self.last - self.kept.len() as u64;
        let complete = since.is_none_or(|_| known.is_some()) && has >= oldest;
        (missed.cloned().collect(), complete)
        // ANCHOR_END: step_20_1_b
    }

    /// The receipt of a message that is here already, from the same sender, under the same id.
    #[must_use]
    pub fn find(&self, from: &str, id: &str) -> Option<Receipt> {
        // ANCHOR: step_20_2_b
        // The latest first: what comes twice does so soon.
        let mut kept = self.kept.iter().rev();
        let known = kept.find(|it| it.message.id == id && it.message.from == from)?;
        Some(Receipt { number: known.message.number, at: known.message.at, again: true })
        // ANCHOR_END: step_20_2_b
    }

    /// Gives a message the next number, and keeps it. The message as it is told to others.
    pub fn record(&mut self, mut message: Message, bytes: Bytes) -> Message {
        self.last += 1;
        message.number = self.last;
        self.bytes += message.text.len() + bytes.len();
        self.kept.push_back(Kept { message: message.clone(), bytes });
        self.forget();
        message
    }

    /// The file of a message.
    #[must_use]
    pub fn file(&self, number: u64) -> Option<FileContent> {
        let kept = self.kept.iter().find(|kept| kept.message.number == number)?;
        let file = kept.message.file.as_ref()?;
        let (name, kind) = (file.name.clone(), file.kind.clone());
        Some(FileContent { name, kind, bytes: kept.bytes.clone() })
    }

    /// Forgets the oldest, until the bounds hold.
    fn forget(&mut self) {
        while self.kept.len() > self.max_messages || self.bytes > self.max_bytes {
            let Some(oldest) = self.kept.pop_front() else { return };
            self.bytes -= oldest.message.text.len() + oldest.bytes.len();
        }
    }
}
