use std::collections::VecDeque;

use crate::{Message, News};

/// The newest messages, numbered.
#[derive(Debug)]
pub struct Log {
    /// The oldest first, their ids without a gap.
    kept: VecDeque<Message>,
    /// The newest message's id; 0 before the first.
    last: u64,
    /// How many are kept.
    keep: usize,
}

impl Log {
    /// A log that keeps the newest `keep` messages, and at least one.
    #[must_use]
    pub fn new(keep: usize) -> Self {
        Self { kept: VecDeque::new(), last: 0, keep: keep.max(1) }
    }

    /// Adds a message under the next id.
    pub fn push(&mut self, text: String) -> Message {
        self.make_room();
        // ANCHOR: step_3_1
        self.last += 1;
        let message = Message { id: self.last, text };
        self.kept.push_back(message.clone());
        message
        // ANCHOR_END: step_3_1
    }

    /// What came after message `since`; 0 asks for everything that is kept.
    ///
    /// A `since` that was not given out yet belongs to another board: the server was started anew, and
    /// its ids begin again. Everything is news to such a client.
    #[must_use]
    pub fn since(&self, since: u64) -> News {
        let since = if since > self.last { 0 } else { since };
        // ANCHOR: step_3_1_b
        let messages = self.kept.iter().filter(|message| message.id > since).cloned().collect();
        News { messages, missed: self.missed(since), last: self.last }
        // ANCHOR_END: step_3_1_b
    }

    /// Forgets the oldest messages, so that one more can be kept.
    fn make_room(&mut self) {
        // ANCHOR: step_3_5
        while self.kept.len() >= self.keep {
            self.kept.pop_front();
        }
        // ANCHOR_END: step_3_5
    }

    /// How many messages came after message `since` and are no longer kept.
    fn missed(&self, since: u64) -> u64 {
        // ANCHOR: step_3_5_b
        let forgotten = self.last - self.kept.len() as u64;
        forgotten.saturating_sub(since)
        // ANCHOR_END: step_3_5_b
    }
}
