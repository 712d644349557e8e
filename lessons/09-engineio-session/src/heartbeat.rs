use std::time::{Duration, Instant};

/// A ping every interval; dead without an answer within the timeout.
///
/// ```text
///             interval                timeout
///   PingDue ───────────▶ PongDue ───────────▶ dead
///      ▲      a ping        │ │ another packet, once: the timeout again
///      └────────────────────┘ └──┐
///             a pong          ◀──┘
/// ```
///
/// It has no clock: `now` is an argument.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    interval: Duration,
    timeout: Duration,
    state: Beat,
}

#[derive(Clone, Copy, Debug)]
enum Beat {
    PingDue { at: Instant },
    PongDue { at: Instant, extended: bool },
}

/// What a heartbeat asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulse {
    /// Send a ping.
    Ping,
    /// No answer came: give the peer up.
    Dead,
}

impl Heartbeat {
    /// The first ping is due after one interval.
    #[must_use]
    pub fn start(interval: Duration, timeout: Duration, now: Instant) -> Self {
        let state = Beat::PingDue { at: later(now, interval) };
        Self { interval, timeout, state }
    }

    /// A pong came, whether one was due or not: the next ping is due after one interval.
    pub fn handle_pong(&mut self, now: Instant) {
        // TODO step 9.1: A heartbeat
        //
        // The server pings after an interval, and gives the client up if no pong comes within a
        // timeout. The picture above the type shows the two states. A pong puts the heartbeat back
        // to `PingDue`, one interval from now. Another packet is no pong, but a client that is busy
        // sending may answer late: while a pong is due, it begins the timeout again, once for each
        // ping. `handle_timeout` is called when time has passed, perhaps too early: it asks for a
        // ping, or says that the peer is dead, or asks for nothing. `later(now, duration)` is
        // `now + duration`, for any duration. (Engine.IO protocol, "Heartbeat")
        //
        // Stuck? cargo course hint 9.1
        todo!("step 9.1: A heartbeat (cargo course hint 9.1)")
    }

    /// Another packet came. A peer that is busy sending may answer late: while a pong is due, the
    /// timeout begins again, but once only.
    pub fn handle_packet(&mut self, now: Instant) {
        // TODO step 9.1, continued: see `Heartbeat::handle_pong` in src/heartbeat.rs
        todo!("step 9.1: A heartbeat (cargo course hint 9.1)")
    }

    /// What is to be done at this time, if anything.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Pulse> {
        // TODO step 9.1, continued: see `Heartbeat::handle_pong` in src/heartbeat.rs
        todo!("step 9.1: A heartbeat (cargo course hint 9.1)")
    }

    /// Whether a ping was sent and not answered yet.
    #[must_use]
    pub fn awaits_pong(&self) -> bool {
        matches!(self.state, Beat::PongDue { .. })
    }

    /// When [`Heartbeat::handle_timeout`] is to be called.
    #[must_use]
    pub fn poll_timeout(&self) -> Instant {
        match self.state {
            Beat::PingDue { at } | Beat::PongDue { at, .. } => at,
        }
    }
}

/// A duration that no clock can hold means: in a very long time.
pub(crate) fn later(now: Instant, after: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    now.checked_add(after).unwrap_or_else(|| now + CENTURY)
}
