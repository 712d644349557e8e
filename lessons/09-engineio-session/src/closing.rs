//! The end of a session, and what is still said.

use std::{collections::VecDeque, mem, time::Instant};

use engineio_packet::Packet;

use crate::{
    CloseReason, Event, Output, Rejected, Session,
    heartbeat::later,
    state::{Probe, Requests, State},
};

impl Session {
    pub(crate) fn close_by_server(&mut self, now: Instant) -> Result<(), Rejected> {
        // TODO step 9.5, continued: see `Session::refuse_overlap` in src/polling.rs
        todo!("step 9.5: What fails, and how it ends (cargo course hint 9.5)")
    }

    /// A GET takes what is left, and the next one the word that it is over. Never one GET both: the
    /// official client reads a packet a moment after it came, and with the end beside it that is too late.
    pub(crate) fn close_polling(&mut self, requests: Requests, now: Instant) {
        let deadline = later(now, self.config.close_timeout);
        self.state = State::Closing { requests, deadline };
        if requests.get && self.outbox.is_empty() {
            self.end(CloseReason::ByServer);
        }
    }

    /// Whether the application closed the session, and the client does not know yet.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        matches!(
            self.state,
            State::Closing { .. }
                | State::Upgrading { probe: Probe::Answered { closing: true }, .. }
        )
    }

    /// Ends the session because of what the client did.
    pub(crate) fn fail(&mut self, reason: CloseReason) -> Rejected {
        self.end(reason.clone());
        Rejected::Fatal(reason)
    }

    /// The GET that waits takes what is left, and the word that it is over.
    pub(crate) fn end(&mut self, reason: CloseReason) {
        // TODO step 9.5, continued: see `Session::refuse_overlap` in src/polling.rs
        self.state = State::Closed;
        self.output.push_back(Output::Event(Event::Closed(reason)));
    }
}
