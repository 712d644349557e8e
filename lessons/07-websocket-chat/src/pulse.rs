use std::time::Duration;

use tokio::time::Instant;

/// Whether anybody is still there.
///
/// ```text
///          ┌────────── anything is heard ──────────┐
///          ▼                                       │
///       heard ── ping_interval ──► asked ── ping_timeout ──► dead
/// ```
///
/// TCP alone would not tell. A cable that is pulled out sends nothing, and a connection on which nobody
/// writes looks the same whether the other end is there or not.
#[derive(Debug)]
pub struct Pulse {
    interval: Duration,
    timeout: Duration,
    heard: Instant,
    asked: bool,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Send a ping.
    Ping,
    /// Give up.
    Dead,
}

impl Pulse {
    /// Somebody was there at `now`.
    #[must_use]
    pub fn new(interval: Duration, timeout: Duration, now: Instant) -> Self {
        Self { interval, timeout, heard: now, asked: false }
    }

    /// Something came: whatever it was, somebody is there.
    pub fn hear(&mut self, now: Instant) {
        self.heard = now;
        self.asked = false;
    }

    /// When to call [`tick`](Self::tick) next.
    #[must_use]
    pub fn due(&self) -> Instant {
        // TODO step 7.4: One who is not there any more
        //
        // A peer that vanishes sends nothing, not even a goodbye. `due` says when to act next:
        // `interval` after something was heard; when a ping was sent since, `timeout` after that.
        // `tick` is called at that moment: the first time it says `Beat::Ping` and remembers that
        // it asked, the second time `Beat::Dead`. `hear`, which forgets the question, is written
        // already. (RFC 6455, sections 5.5.2 and 5.5.3)
        //
        // Stuck? cargo course hint 7.4
        self.heard + 1000 * self.interval
    }

    /// It is [`due`](Self::due).
    pub fn tick(&mut self) -> Beat {
        // TODO step 7.4, continued: see `Pulse::due` in src/pulse.rs
        todo!("step 7.4: One who is not there any more (cargo course hint 7.4)")
    }
}
