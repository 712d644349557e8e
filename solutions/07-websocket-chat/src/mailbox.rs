use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::Ending;

/// What waits for one client. Anyone may put something in; only the client's task takes it out.
///
/// It never makes the one who puts something in wait. So it has to be bounded in another way: a client
/// that leaves more than `max_unread` bytes lying is given up, and what waited for it is forgotten.
#[derive(Debug)]
pub struct Mailbox {
    max_unread: usize,
    waiting: Mutex<Waiting>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: VecDeque<Utf8Bytes>,
    bytes: usize,
    ending: Option<Ending>,
}

impl Mailbox {
    /// An empty mailbox.
    #[must_use]
    pub fn new(max_unread: usize) -> Self {
        Self { max_unread, waiting: Mutex::default(), changed: Notify::new() }
    }

    /// Puts a message in, unless the client has been given up.
    pub fn push(&self, message: Utf8Bytes) {
        let mut waiting = self.waiting();
        if waiting.ending.is_none() {
            waiting.push(message, self.max_unread);
            self.changed.notify_one();
        }
    }

    /// Puts the end in: what waits already is still delivered, and nothing after it.
    pub fn end(&self, ending: Ending) {
        self.waiting().ending.get_or_insert(ending);
        self.changed.notify_one();
    }

    /// Takes everything out, the oldest first.
    #[must_use]
    pub fn take(&self) -> VecDeque<Utf8Bytes> {
        let mut waiting = self.waiting();
        waiting.bytes = 0;
        std::mem::take(&mut waiting.messages)
    }

    /// Waits until there is something to take.
    ///
    /// # Errors
    ///
    /// The end, when everything before it was taken.
    pub async fn filled(&self) -> Result<(), Ending> {
        self.until(|waiting| match (waiting.messages.is_empty(), &waiting.ending) {
            (false, _) => Some(Ok(())),
            (true, ending) => ending.clone().map(Err),
        })
        .await
    }

    /// Waits until more lies here than may.
    pub async fn overflowed(&self) -> Ending {
        self.until(|waiting| {
            waiting.ending.clone().filter(|ending| matches!(ending, Ending::TooSlow { .. }))
        })
        .await
    }

    /// Only one task waits here, for one thing at a time. `notify_one` keeps a ring for it when it is
    /// about to look, so that no change is lost between looking and sleeping.
    async fn until<T>(&self, look: impl Fn(&Waiting) -> Option<T>) -> T {
        loop {
            if let Some(found) = look(&self.waiting()) {
                return found;
            }
            self.changed.notified().await;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn push(&mut self, message: Utf8Bytes, max_unread: usize) {
        // ANCHOR: step_7_3
        if self.bytes + message.len() <= max_unread {
            self.keep(message);
        } else {
            self.messages = VecDeque::new();
            self.ending = Some(Ending::TooSlow { limit: max_unread });
        }
        // ANCHOR_END: step_7_3
    }

    fn keep(&mut self, message: Utf8Bytes) {
        self.bytes += message.len();
        self.messages.push_back(message);
    }
}
