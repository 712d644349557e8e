//! The end of a session, and what is still said.

use std::{collections::VecDeque, mem, time::Instant};

use engineio_packet::Packet;

use crate::{
    CloseReason, Event, Output, Rejected, Session,
    heartbeat::later,
    state::{Probe, State},
};

impl Session {
    pub(crate) fn close_by_server(&mut self, now: Instant) -> Result<(), Rejected> {
        let deadline = later(now, self.config.close_timeout);
        match &mut self.state {
            State::Polling(requests) if !requests.get => {
                self.state = State::Closing { requests: *requests, deadline };
            }
            State::Upgrading { requests, probe: Probe::AwaitingPing, .. } if !requests.get => {
                self.state = State::Closing { requests: *requests, deadline };
                self.output.push_back(Output::CloseWebSocket);
            }
            // The client polls no more: it will get the rest when it has upgraded.
            State::Upgrading { probe: Probe::AwaitingUpgrade { closing }, .. } => *closing = true,
            State::Closing { .. } => {}
            _ => self.end(CloseReason::ByServer),
        }
        Ok(())
    }

    /// Ends the session because of what the client did.
    pub(crate) fn fail(&mut self, reason: CloseReason) -> Rejected {
        self.end(reason.clone());
        Rejected::Fatal(reason)
    }

    /// The GET that waits takes what is left, and the word that it is over.
    pub(crate) fn end(&mut self, reason: CloseReason) {
        if self.requests().is_ok_and(|requests| requests.get) {
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
    }
}
