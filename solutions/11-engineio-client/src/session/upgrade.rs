use std::time::Instant;

use engineio_packet::{Frame, Packet};

use super::{
    Session,
    state::{Requests, State},
};
use crate::{CloseReason, Event, Output};

impl Session {
    pub(super) fn websocket_opened(&mut self) {
        if matches!(self.state, State::Probing { .. }) {
            self.output.push_back(Output::WebSocket(Packet::Ping(Packet::PROBE).encode()));
        }
    }

    pub(super) fn frame(&mut self, frame: Frame, now: Instant) {
        match self.state {
            State::WebSocket => self.hear([frame], now),
            State::Probing { requests, .. } => match Packet::decode(frame) {
                Ok(Packet::Pong(payload)) if payload == Packet::PROBE => {
                    self.state = State::Pausing { requests, closing: false };
                    self.move_when_quiet(now);
                }
                _ => self.give_probe_up(now),
            },
            State::Pausing { .. } => self.give_probe_up(now),
            // A frame of a WebSocket that was given up.
            State::Polling(_) | State::Closing { .. } | State::Closed => {}
        }
    }

    /// Moves to the WebSocket, as soon as no request is under way any more: then nothing that was sent
    /// there can be overtaken.
    pub(super) fn move_when_quiet(&mut self, now: Instant) {
        let State::Pausing { requests, closing } = self.state else { return };
        if requests != Requests::default() {
            return;
        }
        self.state = State::WebSocket;
        self.output.push_back(Output::WebSocket(Packet::Upgrade.encode()));
        self.output.push_back(Output::Event(Event::Upgraded));
        self.output.extend(self.outbox.drain(..).map(Output::WebSocket));
        self.buffered = 0;
        if closing {
            self.close(now);
        }
    }

    /// The WebSocket is no good.
    pub(super) fn give_probe_up(&mut self, now: Instant) {
        self.output.push_back(Output::CloseWebSocket);
        self.back_to_polling(now);
    }

    pub(super) fn websocket_closed(&mut self, now: Instant) {
        match self.state {
            State::Probing { .. } | State::Pausing { .. } => self.back_to_polling(now),
            State::WebSocket => self.end(CloseReason::WebSocketClosed),
            State::Polling(_) | State::Closing { .. } | State::Closed => {}
        }
    }

    /// The session goes on as if no WebSocket had been tried.
    fn back_to_polling(&mut self, now: Instant) {
        let (requests, closing) = match self.state {
            State::Probing { requests, .. } => (requests, false),
            State::Pausing { requests, closing } => (requests, closing),
            _ => return,
        };
        self.state = State::Polling(requests);
        self.output.push_back(Output::Event(Event::UpgradeFailed));
        if closing {
            self.close(now);
        }
        self.poll_again();
    }
}
