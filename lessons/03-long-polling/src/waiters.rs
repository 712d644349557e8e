use tokio::sync::watch;

use crate::Refusal;

/// How many requests are held, and how many may be.
#[derive(Debug)]
pub struct Waiters {
    /// In a `watch`, so that whoever wants to can follow it.
    count: watch::Sender<usize>,
    max: usize,
}

impl Waiters {
    /// Nobody waits yet; `max` may.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { count: watch::Sender::new(0), max }
    }

    /// Counts one more, for as long as the returned [`Waiting`] lives.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooManyWaiters`].
    pub fn enter(&self) -> Result<Waiting<'_>, Refusal> {
        // TODO step 3.4: Free who leaves
        //
        // Count who waits. `enter` adds one to `self.count` if `self.has_room(count)`, and gives a
        // `Waiting`; otherwise it refuses with `Refusal::TooManyWaiters { limit: self.max }`.
        // Looking and adding must be one act, for others enter at the same time. `Waiting::drop`
        // takes one away again. `Board::wait` holds a `Waiting` while it waits; when the client
        // leaves, hyper drops the future with everything in it.
        //
        // Stuck? cargo course hint 3.4
        Ok(Waiting { waiters: self })
    }

    /// The count, and every change of it.
    #[must_use]
    pub fn count(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    /// Whether one more may wait when `count` do.
    fn has_room(&self, count: usize) -> bool {
        // TODO step 3.5, continued: see `Log::make_room` in src/log.rs
        true
    }
}

/// One that waits.
///
/// When a client goes away, hyper drops the future that would have answered it: none of its code
/// runs any more. But what it owned is dropped with it, and so a waiter is counted out here.
#[derive(Debug)]
#[must_use = "it counts for as long as it lives"]
pub struct Waiting<'a> {
    waiters: &'a Waiters,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        // TODO step 3.4, continued: see `Waiters::enter` in src/waiters.rs
        ()
    }
}
