//! What becomes of a dial: begun, failed, given up, tried again.

use std::time::{Duration, Instant};

use crate::{Dial, DialError, Manager, ManagerEvent, Output, State};

impl Manager {
    pub(crate) fn dial(&mut self, now: Instant) {
        self.last_dial = Dial(self.last_dial.0 + 1);
        let deadline = self.settings.connect_timeout.map(|limit| later(now, limit));
        self.state = State::Opening { dial: self.last_dial, deadline };
        self.put(Output::Dial(self.last_dial));
    }

    /// The wait is over.
    pub(crate) fn attempt(&mut self, now: Instant) {
        self.tell(ManagerEvent::ReconnectAttempt(self.backoff.attempts()));
        self.dial(now);
    }

    /// Whether an answer to this dial is awaited.
    pub(crate) fn is_opening(&self, dial: Dial) -> bool {
        // TODO step 16.5: When to give up
        //
        // `is_opening` says whether this dial is the one that is under way. Everything else that is
        // reported about a dial comes too late.
        //
        // `dial_timed_out` is called when a dial has taken as long as it may. It is hung up, and it
        // has failed: `DialError::TimedOut { limit }`.
        //
        // `has_attempt_left` compares the attempts that were made with `self.settings.attempts`;
        // `None` is as many as it takes. Where none is left, `wait_or_give_up` tells
        // `ReconnectFailed`; if that comes at another place than it should, `dial_failed` of step
        // 16.3 calls it too early or too late. (`socket.io-client`, `manager.ts`: `timeout`,
        // `reconnectionAttempts`)
        //
        // Stuck? cargo course hint 16.5
        true
    }

    /// The dial took longer than it may.
    pub(crate) fn dial_timed_out(&mut self, dial: Dial, now: Instant, random: f64) {
        let limit = self.settings.connect_timeout.expect("a dial without a limit has no deadline");
        // TODO step 16.5, continued: see `Manager::is_opening` in src/retrying.rs
        todo!("step 16.5: When to give up (cargo course hint 16.5)")
    }

    /// The first dial and every attempt alike: tell, and go on.
    pub(crate) fn dial_failed(&mut self, error: DialError, now: Instant, random: f64) {
        // TODO step 16.3, continued: see `Manager::wait` in src/retrying.rs
        todo!("step 16.3: Dial, and dial again (cargo course hint 16.3)")
    }

    /// There is no connection: it waits for the next attempt, if there is to be one.
    pub(crate) fn wait_or_give_up(&mut self, now: Instant, random: f64) {
        if !self.settings.enabled {
            self.state = State::Closed;
        } else if self.has_attempt_left() {
            self.wait(now, random);
        } else {
            self.state = State::Closed;
            self.backoff.reset();
            self.tell(ManagerEvent::ReconnectFailed);
        }
    }

    fn wait(&mut self, now: Instant, random: f64) {
        // TODO step 16.3: Dial, and dial again
        //
        // `wait` is what follows when there is no connection and an attempt is left: the state is
        // `Waiting`, until the backoff's next delay from now. `later(now, delay)` is `now + delay`,
        // for any delay.
        //
        // `handle_opened`: the dial became a connection. The state is `Open`, and the next failure
        // begins with the first delay again. The application hears `Open`; if attempts were made,
        // then also `Reconnect`, with their number.
        //
        // `dial_failed`: the application hears `Error`; then `self.wait_or_give_up(now, random)`
        // decides how it goes on; and if this dial was an attempt, and not the first, the
        // application hears `ReconnectError`, too. (`socket.io-client`, `manager.ts`: `open`,
        // `reconnect`, `onreconnect`)
        //
        // Stuck? cargo course hint 16.3
        todo!("step 16.3: Dial, and dial again (cargo course hint 16.3)")
    }

    fn has_attempt_left(&self) -> bool {
        // TODO step 16.5, continued: see `Manager::is_opening` in src/retrying.rs
        true
    }
}

/// A duration that no clock can hold means: in a very long time.
fn later(now: Instant, after: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    now.checked_add(after).unwrap_or_else(|| now + CENTURY)
}
