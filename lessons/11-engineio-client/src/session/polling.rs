use std::time::Instant;

use engineio_packet::{ByteString, payload};

use super::{
    Session,
    state::{Requests, State},
};
use crate::{CloseReason, Output, take_batch};

impl Session {
    pub(super) fn poll_answered(&mut self, body: &ByteString, now: Instant) {
        if let Some(requests) = self.requests() {
            requests.get = false;
        }
        self.hear(payload::decode(body), now);
        self.poll_again();
        self.move_when_quiet(now);
    }

    pub(super) fn post_answered(&mut self, now: Instant) {
        if let Some(requests) = self.requests() {
            requests.post = false;
        }
        match self.state {
            State::Closing { said: true, .. } if self.outbox.is_empty() => {
                self.end(CloseReason::ByClient);
            }
            _ => self.say_goodbye(),
        }
        self.move_when_quiet(now);
    }

    /// A session that we closed has nothing more to hear.
    pub(super) fn poll_failed(&mut self, problem: String) {
        if self.requests().is_some() && !matches!(self.state, State::Closing { .. }) {
            self.end(CloseReason::RequestFailed { method: "GET", problem });
        }
    }

    pub(super) fn post_failed(&mut self, problem: String) {
        if self.requests().is_some() {
            self.end(CloseReason::RequestFailed { method: "POST", problem });
        }
    }

    /// As long as the session polls, a GET is under way: else the server could not speak.
    pub(super) fn poll_again(&mut self) {
        let is_polling = matches!(self.state, State::Polling(_) | State::Probing { .. });
        if let Some(requests) = self.requests()
            && is_polling
            && !requests.get
        {
            requests.get = true;
            self.output.push_back(Output::Poll);
        }
    }

    /// As much of what waits as one POST carries, unless one is under way.
    pub(super) fn next_post(&mut self) -> Option<Output> {
        if self.outbox.is_empty() || matches!(self.state, State::Pausing { .. }) {
            return None;
        }
        // TODO step 11.2, continued: see `take_batch` in src/batch.rs
        todo!("step 11.2: What one POST carries (cargo course hint 11.2)")
    }

    /// The requests that are under way, if this session sends any.
    pub(super) fn requests(&mut self) -> Option<&mut Requests> {
        match &mut self.state {
            State::Polling(requests)
            | State::Probing { requests, .. }
            | State::Pausing { requests, .. }
            | State::Closing { requests, .. } => Some(requests),
            State::WebSocket | State::Closed => None,
        }
    }
}
