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
        // ANCHOR: step_7_4
        match self.asked {
            false => self.heard + self.interval,
            true => self.heard + self.interval + self.timeout,
        }
        // ANCHOR_END: step_7_4
    }

    /// It is [`due`](Self::due).
    pub fn tick(&mut self) -> Beat {
        // ANCHOR: step_7_4_b
        match std::mem::replace(&mut self.asked, true) {
            false => Beat::Ping,
            true => Beat::Dead,
        }
        // ANCHOR_END: step_7_4_b
    }
}
