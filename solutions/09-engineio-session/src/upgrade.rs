//! The move from polling to a WebSocket, and the way back if it fails.

use std::time::Instant;

use engineio_packet::{Frame, Packet};

use crate::{
    CloseReason, Event, Heartbeat, Output, Rejected, Session,
    heartbeat::later,
    state::{Probe, State},
};

impl Session {
    pub(crate) fn websocket_opened(&mut self, now: Instant) -> Result<(), Rejected> {
        match self.state {
            State::Polling(_) if !self.config.allow_upgrades => Err(Rejected::UpgradesNotAllowed),
            State::Polling(requests) => {
                let deadline = later(now, self.config.upgrade_timeout);
                self.state = State::Upgrading { requests, probe: Probe::AwaitingPing, deadline };
                Ok(())
            }
            State::Upgrading { .. } | State::WebSocket => Err(Rejected::SecondWebSocket),
            State::Closing { .. } | State::Closed => Err(Rejected::Closed),
        }
    }

    pub(crate) fn frame(&mut self, frame: Frame, now: Instant) -> Result<(), Rejected> {
        match &mut self.state {
            State::WebSocket => self.packet(frame, now),
            State::Upgrading { probe, .. } => {
                match (*probe, Packet::decode(frame)) {
                    (Probe::AwaitingPing, Ok(Packet::Ping(payload)))
                        if payload == Packet::PROBE =>
                    {
                        *probe = Probe::AwaitingUpgrade { closing: false };
                        let pong = Packet::Pong(Packet::PROBE).encode();
                        self.output.push_back(Output::WebSocket(pong));
                    }
                    (Probe::AwaitingUpgrade { closing }, Ok(Packet::Upgrade)) => {
                        self.upgrade(now);
                        if closing {
                            self.end(CloseReason::ByServer);
                        }
                    }
                    _ => self.give_probe_up(now),
                }
                Ok(())
            }
            // A frame of a WebSocket that was given up.
            State::Polling(_) | State::Closing { .. } | State::Closed => Ok(()),
        }
    }

    /// From now on everything goes over the WebSocket, and first what waited.
    pub(crate) fn upgrade(&mut self, now: Instant) {
        if self.requests().is_ok_and(|requests| requests.get) {
            self.output.push_back(Output::AnswerGet(vec![Packet::Noop.encode()]));
        }
        self.state = State::WebSocket;
        self.heartbeat = Heartbeat::start(self.config.ping_interval, self.config.ping_timeout, now);
        self.output.push_back(Output::Event(Event::Upgraded));
        self.output.extend(self.outbox.drain(..).map(Output::WebSocket));
        self.buffered = 0;
    }

    /// The WebSocket is no good. The session stays on polling, as if it had never been tried.
    pub(crate) fn give_probe_up(&mut self, now: Instant) {
        if self.back_to_polling(now) {
            self.output.push_back(Output::CloseWebSocket);
        }
    }

    pub(crate) fn back_to_polling(&mut self, now: Instant) -> bool {
        let State::Upgrading { requests, probe, .. } = self.state else { return false };
        self.state = if probe == (Probe::AwaitingUpgrade { closing: true }) {
            State::Closing { requests, deadline: later(now, self.config.close_timeout) }
        } else {
            State::Polling(requests)
        };
        true
    }

    pub(crate) fn websocket_closed(&mut self, now: Instant) -> Result<(), Rejected> {
        if !self.back_to_polling(now) && matches!(self.state, State::WebSocket) {
            self.end(CloseReason::WebSocketClosed);
        }
        Ok(())
    }
}
