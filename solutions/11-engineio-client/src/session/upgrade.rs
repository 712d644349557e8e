use std::time::Instant;

use engineio_packet::{Frame, Packet, PacketError, Transport};

use super::{
    Session,
    state::{Requests, State},
};
use crate::{CloseReason, Event, Output, UpgradeError};

impl Session {
    pub(super) fn websocket_opened(&mut self) {
        if matches!(self.state, State::Probing { .. }) {
            self.output.push_back(Output::WebSocket(Packet::Ping(Packet::PROBE).encode()));
        }
    }

    pub(super) fn frame(&mut self, frame: Frame, now: Instant) {
        match self.state {
            State::WebSocket => self.hear([frame], now),
            State::Probing { .. } => self.probe_answered(Packet::decode(frame), now),
            State::Pausing { .. } => {
                self.give_probe_up(not_the_probe(&Packet::decode(frame)), now);
            }
            // A frame of a WebSocket that was given up.
            State::Polling(_) | State::Closing { .. } | State::Closed => {}
        }
    }

    /// What came over the WebSocket first: `3probe`, or it is no good.
    fn probe_answered(&mut self, came: Result<Packet, PacketError>, now: Instant) {
        let State::Probing { requests, deadline } = self.state else { return };
        // ANCHOR: step_11_4
        match came {
            Ok(Packet::Pong(payload)) if payload == Packet::PROBE => {
                self.state = State::Pausing { requests, closing: false, deadline };
            }
            other => self.give_probe_up(not_the_probe(&other), now),
        }
        // ANCHOR_END: step_11_4
    }

    /// Moves to the WebSocket, as soon as no request is under way any more: then nothing that was sent
    /// there can be overtaken.
    pub(super) fn move_when_quiet(&mut self, now: Instant) {
        let State::Pausing { requests, closing, .. } = self.state else { return };
        // ANCHOR: step_11_4_b
        if requests != Requests::default() {
            return;
        }
        self.state = State::WebSocket;
        self.transport = Transport::WebSocket;
        self.output.push_back(Output::WebSocket(Packet::Upgrade.encode()));
        self.output.push_back(Output::Event(Event::Upgraded));
        self.output.extend(self.outbox.drain(..).map(Output::WebSocket));
        self.buffered = 0;
        if closing {
            self.close(now);
        }
        // ANCHOR_END: step_11_4_b
    }

    /// The WebSocket is no good.
    pub(super) fn give_probe_up(&mut self, error: UpgradeError, now: Instant) {
        self.output.push_back(Output::CloseWebSocket);
        self.back_to_polling(error, now);
    }

    pub(super) fn websocket_closed(&mut self, problem: String, now: Instant) {
        match self.state {
            State::Probing { .. } | State::Pausing { .. } => {
                self.back_to_polling(UpgradeError::NoWebSocket { problem }, now);
            }
            State::WebSocket => self.end(CloseReason::WebSocketClosed { problem }),
            State::Polling(_) | State::Closing { .. } | State::Closed => {}
        }
    }

    /// The session goes on as if no WebSocket had been tried.
    fn back_to_polling(&mut self, error: UpgradeError, now: Instant) {
        let (requests, closing) = match self.state {
            State::Probing { requests, .. } => (requests, false),
            State::Pausing { requests, closing, .. } => (requests, closing),
            _ => return,
        };
        // ANCHOR: step_11_4_c
        self.state = State::Polling(requests);
        self.output.push_back(Output::Event(Event::UpgradeFailed(error)));
        if closing {
            self.close(now);
        }
        self.poll_again();
        // ANCHOR_END: step_11_4_c
    }
}

fn not_the_probe(came: &Result<Packet, PacketError>) -> UpgradeError {
    let came = match came {
        Ok(packet) => format!("{packet:?}"),
        Err(error) => error.to_string(),
    };
    UpgradeError::NotTheProbe { came }
}
