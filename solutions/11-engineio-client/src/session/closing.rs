use std::{collections::VecDeque, mem, time::Instant};

use engineio_packet::Packet;

use super::{Session, later, state::State};
use crate::{CloseReason, Event, Output};

impl Session {
    pub(super) fn close(&mut self, now: Instant) {
        match &mut self.state {
            State::Polling(requests) | State::Probing { requests, .. } => {
                let requests = *requests;
                if matches!(self.state, State::Probing { .. }) {
                    self.output.push_back(Output::CloseWebSocket);
                }
                let deadline = later(now, self.config.close_timeout);
                self.state = State::Closing { requests, deadline, said: false };
                self.say_goodbye();
            }
            // No POST may be sent now: the rest goes over the WebSocket.
            State::Pausing { closing, .. } => *closing = true,
            State::WebSocket => self.end(CloseReason::ByClient),
            State::Closing { .. } | State::Closed => {}
        }
    }

    /// In a POST of its own, as the reference: npm's Socket.IO server hands on what a POST brings only after
    /// it has read all of it, and by then nobody would be there any more.
    pub(super) fn say_goodbye(&mut self) {
        if let State::Closing { said, .. } = &mut self.state
            && self.outbox.is_empty()
        {
            *said = true;
            self.send_frame(Packet::Close.encode());
        }
    }

    pub(super) fn end(&mut self, reason: CloseReason) {
        let was = mem::replace(&mut self.state, State::Closed);
        let has_websocket =
            matches!(was, State::Probing { .. } | State::Pausing { .. } | State::WebSocket);
        if has_websocket && !matches!(reason, CloseReason::WebSocketClosed { .. }) {
            self.output.push_back(Output::CloseWebSocket);
        }
        let can_post = match was {
            State::Polling(requests) | State::Probing { requests, .. } => !requests.post,
            _ => false,
        };
        if can_post && reason.is_our_verdict() {
            self.output.push_back(Output::Post(vec![Packet::Close.encode()]));
        }
        self.outbox = VecDeque::new();
        self.buffered = 0;
        self.output.push_back(Output::Event(Event::Closed(reason)));
    }
}
