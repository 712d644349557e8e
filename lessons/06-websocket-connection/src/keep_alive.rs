use std::time::{Duration, Instant};

/// How a peer that has vanished is noticed. TCP does not tell: to a side that only waits, a cable
/// that was pulled looks like a peer with nothing to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    /// How long nothing may come before the peer is asked: 30 s.
    pub interval: Duration,
    /// How long nothing may come after that: 20 s. Then the connection is given up.
    pub timeout: Duration,
}

impl Default for KeepAlive {
    fn default() -> Self {
        Self { interval: Duration::from_secs(30), timeout: Duration::from_secs(20) }
    }
}

/// The clock of a [`KeepAlive`].
///
/// ```text
///            interval           timeout
///   Quiet ─────────────▶ Asked ─────────▶ dead
///     ▲     a ping         │
///     └────────────────────┘
///          anything came
/// ```
///
/// Not only a pong shows that the peer is there: anything that comes will do, and so will room in a
/// socket that was full.
#[derive(Debug)]
pub(crate) struct Pulse {
    rhythm: KeepAlive,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Quiet { since: Instant },
    Asked { at: Instant },
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    Ping,
    Dead,
}

impl Pulse {
    pub(crate) fn new(rhythm: KeepAlive, now: Instant) -> Self {
        Self { rhythm, state: State::Quiet { since: now } }
    }

    /// The peer is there.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.state = State::Quiet { since: now };
    }

    /// When something is to be done; never, if that is later than a clock can say.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Quiet { since } => since.checked_add(self.rhythm.interval),
            State::Asked { at } => at.checked_add(self.rhythm.timeout),
        }
    }

    /// What is to be done now, if its time has come.
    pub(crate) fn beat(&mut self, now: Instant) -> Option<Beat> {
        // TODO step 6.5, continued: see `Assembly::check_size` in src/assembly.rs
        {
            self.heard(now);
            None
        }
    }
}
