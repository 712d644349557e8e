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
        // ANCHOR: step_3_4
        let entered = self.count.send_if_modified(|count| {
            let room = self.has_room(*count);
            *count += usize::from(room);
            room
        });
        if !entered {
            return Err(Refusal::TooManyWaiters { limit: self.max });
        }
        Ok(Waiting { waiters: self })
        // ANCHOR_END: step_3_4
    }

    /// The count, and every change of it.
    #[must_use]
    pub fn count(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    /// Whether one more may wait when `count` do.
    fn has_room(&self, count: usize) -> bool {
        // ANCHOR: step_3_5_c
        count < self.max
        // ANCHOR_END: step_3_5_c
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
        // ANCHOR: step_3_4_b
        self.waiters.count.send_modify(|count| *count -= 1);
        // ANCHOR_END: step_3_4_b
    }
}
