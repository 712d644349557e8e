use std::collections::VecDeque;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use crate::{
    Backoff, Dial, DialError, DisconnectReason, ManagerEvent, Output, Reconnection, State,
};

/// One connection of a client, from dial to dial.
#[derive(Debug)]
pub struct Manager {
    pub(crate) settings: Reconnection,
    pub(crate) backoff: Backoff,
    pub(crate) state: State,
    pub(crate) last_dial: Dial,
    output: VecDeque<Output>,
}

impl Manager {
    /// It does nothing until [`Manager::open`].
    #[must_use]
    pub fn new(settings: Reconnection) -> Self {
        let backoff = Backoff::new(settings.delays.clone());
        Self {
            settings,
            backoff,
            state: State::Closed,
            last_dial: Dial(0),
            output: VecDeque::new(),
        }
    }

    /// The application wants a connection: it dials now, also if it would have waited longer.
    pub fn open(&mut self, now: Instant) {
        match self.state {
            State::Closed => self.dial(now),
            State::Waiting { .. } => self.attempt(now),
            State::Opening { .. } | State::Open { .. } => {}
        }
    }

    /// The application wants it no more: nothing is dialled until [`Manager::open`].
    pub fn close(&mut self) {
        // ANCHOR: step_16_4_b
        match self.state {
            State::Closed => return,
            State::Opening { dial, .. } | State::Open { dial } => self.put(Output::HangUp(dial)),
            State::Waiting { .. } => {}
        }
        self.state = State::Closed;
        self.backoff.reset();
        self.tell(ManagerEvent::Close(DisconnectReason::ByClient));
        // ANCHOR_END: step_16_4_b
    }

    /// A dial became a connection.
    pub fn handle_opened(&mut self, dial: Dial) {
        if !self.is_opening(dial) {
            if self.state != (State::Open { dial }) {
                // Nobody waits for it any more.
                self.put(Output::HangUp(dial));
            }
            return;
        }
        // ANCHOR: step_16_3_b
        let attempts = self.backoff.attempts();
        self.backoff.reset();
        self.state = State::Open { dial };
        self.tell(ManagerEvent::Open);
        if attempts > 0 {
            self.tell(ManagerEvent::Reconnect(attempts));
        }
        // ANCHOR_END: step_16_3_b
    }

    /// A dial failed. `random` is in `[0, 1)`.
    pub fn handle_failed(
        &mut self,
        dial: Dial,
        error: impl Into<Box<dyn Error + Send + Sync>>,
        now: Instant,
        random: f64,
    ) {
        if self.is_opening(dial) {
            self.dial_failed(DialError::Failed(Arc::from(error.into())), now, random);
        }
    }

    /// A connection has ended, or is of no use any more: whoever says so drops it. `random` is in `[0, 1)`.
    pub fn handle_closed(
        &mut self,
        dial: Dial,
        reason: DisconnectReason,
        now: Instant,
        random: f64,
    ) {
        if self.state != (State::Open { dial }) {
            return;
        }
        self.tell(ManagerEvent::Close(reason));
        if reason.reconnects() {
            self.wait_or_give_up(now, random);
        } else {
            self.state = State::Closed;
        }
    }

    /// It is later now. A call before [`Manager::poll_timeout`] does nothing. `random` is in `[0, 1)`.
    pub fn handle_timeout(&mut self, now: Instant, random: f64) {
        match self.state {
            State::Waiting { until } if now >= until => self.attempt(now),
            State::Opening { dial, deadline: Some(deadline) } if now >= deadline => {
                self.dial_timed_out(dial, now, random);
            }
            _ => {}
        }
    }

    /// When [`Manager::handle_timeout`] is to be called, if nothing happens before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Opening { deadline, .. } => deadline,
            State::Waiting { until } => Some(until),
            State::Closed | State::Open { .. } => None,
        }
    }

    /// What is to be done next, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.output.pop_front()
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    pub(crate) fn put(&mut self, output: Output) {
        self.output.push_back(output);
    }

    pub(crate) fn tell(&mut self, event: ManagerEvent) {
        self.put(Output::Event(event));
    }
}
