//! The move from polling to a WebSocket, and the way back if it fails.

use std::time::Instant;

use engineio_packet::{Frame, Packet, PacketError};

use crate::{
    CloseReason, Event, Heartbeat, Output, Rejected, Session,
    heartbeat::later,
    state::{Probe, State},
};

impl Session {
    pub(crate) fn websocket_opened(&mut self, now: Instant) -> Result<(), Rejected> {
        // ANCHOR: step_9_4
        match self.state {
            State::Polling(_) if !self.config.allow_upgrades => Err(Rejected::UpgradesNotAllowed),
            State::Polling(requests) => {
                let deadline = later(now, self.config.upgrade_timeout);
                self.state = State::Upgrading { requests, probe: Probe::Awaited, deadline };
                Ok(())
            }
            State::Upgrading { .. } | State::WebSocket => Err(Rejected::SecondWebSocket),
            State::Closing { .. } | State::Closed => Err(Rejected::Closed),
        }
        // ANCHOR_END: step_9_4
    }

    pub(crate) fn frame(&mut self, frame: Frame, now: Instant) -> Result<(), Rejected> {
        match self.state {
            State::WebSocket => self.packet(frame, now),
            // It came in time, maybe, but the answer would not leave in time.
            State::Upgrading { probe: Probe::Awaited, deadline, .. } if now >= deadline => {
                self.give_probe_up(now);
                Ok(())
            }
            State::Upgrading { .. } => {
                self.probe(Packet::decode(frame), now);
                Ok(())
            }
            // A frame of a WebSocket that was given up.
            State::Polling(_) | State::Closing { .. } | State::Closed => Ok(()),
        }
    }

    /// `2probe`, which is answered, then `5`: anything else, and the WebSocket is given up.
    fn probe(&mut self, came: Result<Packet, PacketError>, now: Instant) {
        let State::Upgrading { probe, .. } = &mut self.state else { return };
        // ANCHOR: step_9_4_b
        match (*probe, came) {
            (Probe::Awaited, Ok(Packet::Ping(payload))) if payload == Packet::PROBE => {
                *probe = Probe::Answered { closing: false };
                let pong = Packet::Pong(Packet::PROBE).encode();
                self.output.push_back(Output::WebSocket(pong));
            }
            (Probe::Answered { closing }, Ok(Packet::Upgrade)) => {
                self.upgrade(now);
                if closing {
                    self.end(CloseReason::ByServer);
                }
            }
            _ => self.give_probe_up(now),
        }
        // ANCHOR_END: step_9_4_b
    }

    /// From now on everything goes over the WebSocket, and first what waited.
    fn upgrade(&mut self, now: Instant) {
        // ANCHOR: step_9_4_c
        if self.take_get() {
            self.output.push_back(Output::AnswerGet(vec![Packet::Noop.encode()]));
        }
        self.state = State::WebSocket;
        self.heartbeat = Heartbeat::start(self.config.ping_interval, self.config.ping_timeout, now);
        self.output.push_back(Output::Event(Event::Upgraded));
        self.output.extend(self.outbox.drain(..).map(Output::WebSocket));
        self.buffered = 0;
        // ANCHOR_END: step_9_4_c
    }

    /// The WebSocket is no good.
    pub(crate) fn give_probe_up(&mut self, now: Instant) {
        self.output.push_back(Output::CloseWebSocket);
        self.back_to_polling(now);
    }

    pub(crate) fn websocket_closed(&mut self, now: Instant) -> Result<(), Rejected> {
        match self.state {
            State::Upgrading { .. } => self.back_to_polling(now),
            State::WebSocket => self.end(CloseReason::WebSocketClosed),
            State::Polling(_) | State::Closing { .. } | State::Closed => {}
        }
        Ok(())
    }

    /// The session goes on as if no WebSocket had been tried.
    fn back_to_polling(&mut self, now: Instant) {
        let State::Upgrading { requests, probe, .. } = self.state else { return };
        // ANCHOR: step_9_5_b
        self.state = State::Polling(requests);
        if probe == (Probe::Answered { closing: true }) {
            self.close_polling(requests, now);
        }
        // ANCHOR_END: step_9_5_b
    }
}
