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
        // TODO step 11.4: The upgrade, and the way back
        //
        // Over the new WebSocket we said `2probe`. If the answer is `3probe`, the session pauses:
        // it sends no new request. (A GET is always under way then; the server ends it with a
        // noop.) Anything else, and the probe is given up (`not_the_probe` says what came). While
        // it pauses, `move_when_quiet` is called whenever a request has ended. As long as one is
        // under way, there is nothing to do: what it carries could be overtaken by a WebSocket that
        // is quicker. When none is, the session moves (`state` and `transport`): `5`, the event,
        // and then what waited, in order; and if the application has closed it meanwhile, now is
        // the time. `back_to_polling` is the fallback: whatever was wrong with the WebSocket, the
        // session goes on as if none had been tried. It tells the application why, closes if that
        // was asked for, and polls again. (Engine.IO protocol, "Upgrade")
        //
        // Stuck? cargo course hint 11.4
        todo!("step 11.4: The upgrade, and the way back (cargo course hint 11.4)")
    }

    /// Moves to the WebSocket, as soon as no request is under way any more: then nothing that was sent
    /// there can be overtaken.
    pub(super) fn move_when_quiet(&mut self, now: Instant) {
        let State::Pausing { requests, closing, .. } = self.state else { return };
        // TODO step 11.4, continued: see `Session::probe_answered` in src/session/upgrade.rs
        todo!("step 11.4: The upgrade, and the way back (cargo course hint 11.4)")
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
        // TODO step 11.4, continued: see `Session::probe_answered` in src/session/upgrade.rs
        todo!("step 11.4: The upgrade, and the way back (cargo course hint 11.4)")
    }
}

fn not_the_probe(came: &Result<Packet, PacketError>) -> UpgradeError {
    let came = match came {
        Ok(packet) => format!("{packet:?}"),
        Err(error) => error.to_string(),
    };
    UpgradeError::NotTheProbe { came }
}
