use std::time::Duration;

use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

/// How much a client may still send in this second.
///
/// What is sent to the room costs everyone in it, so one client must not be able to make the others too
/// slow. Over the rate nothing is refused and nothing is lost: the server only stops reading.
///
/// Whole messages count, pings and pongs among them. Fragments do not, for tungstenite puts them together
/// before anybody sees them; their bytes are counted where they are read, in `src/throttle.rs`.
#[derive(Debug)]
pub struct Allowance {
    max_rate: u32,
    began: Instant,
    spent: u32,
}

impl Allowance {
    /// `max_rate` messages a second, beginning with this one.
    #[must_use]
    pub fn new(max_rate: u32, now: Instant) -> Self {
        Self { max_rate, began: now, spent: 0 }
    }

    /// A message came.
    pub fn spend(&mut self, now: Instant) {
        if now >= self.began + SECOND {
            self.began = now;
            self.spent = 0;
        }
        self.spent = self.spent.saturating_add(1);
    }

    /// Until when nothing should be read; `None` when something may.
    #[must_use]
    pub fn pause(&self, now: Instant) -> Option<Instant> {
        // TODO step 7.5, continued: see `Room::close` in src/room.rs
        None
    }
}
