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
        // ANCHOR: step_16_5
        matches!(self.state, State::Opening { dial: awaited, .. } if awaited == dial)
        // ANCHOR_END: step_16_5
    }

    /// The dial took longer than it may.
    pub(crate) fn dial_timed_out(&mut self, dial: Dial, now: Instant, random: f64) {
        let limit = self.settings.connect_timeout.expect("a dial without a limit has no deadline");
        // ANCHOR: step_16_5_b
        self.put(Output::HangUp(dial));
        self.dial_failed(DialError::TimedOut { limit }, now, random);
        // ANCHOR_END: step_16_5_b
    }

    /// The first dial and every attempt alike: tell, and go on.
    pub(crate) fn dial_failed(&mut self, error: DialError, now: Instant, random: f64) {
        // ANCHOR: step_16_3_c
        let is_attempt = self.backoff.attempts() > 0;
        self.tell(ManagerEvent::Error(error.clone()));
        self.wait_or_give_up(now, random);
        if is_attempt {
            self.tell(ManagerEvent::ReconnectError(error));
        }
        // ANCHOR_END: step_16_3_c
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
        // ANCHOR: step_16_3
        let delay = self.backoff.next(random);
        self.state = State::Waiting { until: later(now, delay) };
        // ANCHOR_END: step_16_3
    }

    fn has_attempt_left(&self) -> bool {
        // ANCHOR: step_16_5_c
        self.settings.attempts.is_none_or(|most| self.backoff.attempts() < most)
        // ANCHOR_END: step_16_5_c
    }
}

/// A duration that no clock can hold means: in a very long time.
fn later(now: Instant, after: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    now.checked_add(after).unwrap_or_else(|| now + CENTURY)
}
