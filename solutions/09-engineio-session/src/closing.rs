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
        // ANCHOR: step_9_5_c
        match &mut self.state {
            State::Polling(requests) => {
                let requests = *requests;
                self.close_polling(requests, now);
            }
            State::Upgrading { requests, probe: Probe::Awaited, .. } => {
                let requests = *requests;
                self.output.push_back(Output::CloseWebSocket);
                self.close_polling(requests, now);
            }
            // The client polls no more: it gets the rest over the WebSocket.
            State::Upgrading { probe: Probe::Answered { closing }, .. } => *closing = true,
            State::WebSocket => self.end(CloseReason::ByServer),
            State::Closing { .. } | State::Closed => {}
        }
        Ok(())
        // ANCHOR_END: step_9_5_c
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
        // ANCHOR: step_9_5_d
        if self.take_get() {
            let last = if reason == CloseReason::ByClient { Packet::Noop } else { Packet::Close };
            self.outbox.push_back(last.encode());
            self.output.push_back(Output::AnswerGet(self.outbox.drain(..).collect()));
        }
        let was = mem::replace(&mut self.state, State::Closed);
        let has_websocket = matches!(was, State::Upgrading { .. } | State::WebSocket);
        if has_websocket && reason != CloseReason::WebSocketClosed {
            self.output.push_back(Output::CloseWebSocket);
        }
        self.outbox = VecDeque::new();
        self.buffered = 0;
        self.output.push_back(Output::Event(Event::Closed(reason)));
        // ANCHOR_END: step_9_5_d
    }
}
