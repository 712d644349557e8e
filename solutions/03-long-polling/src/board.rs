use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::{Bell, Limits, Log, Message, News, Refusal, Waiters};

/// A board that many read and write at once.
///
/// The log stands behind a mutex of the standard library, which is held for a push or a copy and
/// never across an `.await`. So it is always free soon, and tokio's mutex, which can be held while a
/// task waits, would only cost more.
#[derive(Debug)]
pub struct Board {
    log: Mutex<Log>,
    posted: Bell,
    waiters: Waiters,
    closed: watch::Sender<bool>,
}

impl Board {
    /// An empty board.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            log: Mutex::new(Log::new(limits.keep)),
            posted: Bell::default(),
            waiters: Waiters::new(limits.max_waiters),
            closed: watch::Sender::new(false),
        }
    }

    /// Keeps a message, and wakes everybody who waits for one.
    pub fn post(&self, text: String) -> Message {
        // First the message, then the bell: who is woken must find it.
        let message = self.log().push(text);
        self.posted.ring();
        message
    }

    /// What came after message `since`, at once.
    #[must_use]
    pub fn since(&self, since: u64) -> News {
        self.log().since(since)
    }

    /// What came after message `since`: as soon as there is something, or nothing new once `patience`
    /// is over or the board closes.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooManyWaiters`].
    pub async fn wait(&self, since: u64, patience: Duration) -> Result<News, Refusal> {
        let _waiting = self.waiters.enter()?;
        Ok(self.news_or_nothing(since, patience).await)
    }

    /// What came after message `since`, as soon as there is something to tell: a newer message, or that
    /// message `since` never was, since the server was started anew.
    pub async fn news(&self, since: u64) -> News {
        // ANCHOR: step_3_2_b
        let look = || Some(self.since(since)).filter(|news| news.last != since);
        self.posted.until(look).await
        // ANCHOR_END: step_3_2_b
    }

    async fn news_or_nothing(&self, since: u64, patience: Duration) -> News {
        // ANCHOR: step_3_3
        tokio::select! {
            biased;
            news = self.news(since) => news,
            () = tokio::time::sleep(patience) => self.since(since),
            () = self.closed() => self.since(since),
        }
        // ANCHOR_END: step_3_3
    }

    /// How many wait, and every change of it.
    #[must_use]
    pub fn waiting(&self) -> watch::Receiver<usize> {
        self.waiters.count()
    }

    /// Lets nobody wait any more. Everybody who does is answered at once.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Waits until the board is closed.
    pub async fn closed(&self) {
        let closed = self.closed.subscribe().wait_for(|closed| *closed).await.map(|_| ());
        closed.expect("the board owns the sender, and is borrowed here");
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // A panic elsewhere is no reason to refuse everybody from then on: the log is whole.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
