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
        // TODO step 9.4: From polling to a WebSocket
        //
        // A WebSocket comes with the id of a session that polls. From now on the session is
        // `Upgrading`, with a deadline one `upgrade_timeout` away, and its requests go on as
        // before. In every other state it is refused, and where `allow_upgrades` is off: `Rejected`
        // has the words.
        //
        // It has to prove itself: the client sends `2probe`, and we answer `3probe`; then the
        // client polls no more and sends `5`. `probe` gets what came and where the trial stands;
        // anything else, a second `2probe` too, gives the WebSocket up, with
        // `self.give_probe_up(now)`: polling is as it was. If the application closed the session in
        // between (`closing`), the session ends right after the upgrade.
        //
        // `upgrade` makes the move: a GET that still waits is let go with a noop, the state is
        // `WebSocket`, the heartbeat starts anew, the application hears `Event::Upgraded`, and then
        // all that waited leaves over the WebSocket, in order. (Engine.IO protocol, "Upgrade")
        //
        // Stuck? cargo course hint 9.4
        todo!("step 9.4: From polling to a WebSocket (cargo course hint 9.4)")
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
        // TODO step 9.4, continued: see `Session::websocket_opened` in src/upgrade.rs
        todo!("step 9.4: From polling to a WebSocket (cargo course hint 9.4)")
    }

    /// From now on everything goes over the WebSocket, and first what waited.
    fn upgrade(&mut self, now: Instant) {
        // TODO step 9.4, continued: see `Session::websocket_opened` in src/upgrade.rs
        todo!("step 9.4: From polling to a WebSocket (cargo course hint 9.4)")
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
        // TODO step 9.5, continued: see `Session::refuse_overlap` in src/polling.rs
        self.state = State::Polling(requests);
    }
}
