use std::time::Instant;

use engineio_packet::{ByteString, Frame, Packet};

use super::{Session, state::State};
use crate::{CloseReason, Event, Output};

impl Session {
    /// What the server says, whatever carried it, until the session has ended.
    pub(super) fn hear(&mut self, frames: impl IntoIterator<Item = Frame>, now: Instant) {
        for frame in frames {
            if matches!(self.state, State::Closed) {
                return;
            }
            match Packet::decode(frame) {
                Ok(packet) => self.packet(packet, now),
                Err(error) => self.end(CloseReason::Malformed(error)),
            }
        }
    }

    fn packet(&mut self, packet: Packet, now: Instant) {
        // TODO step 11.3, continued: see `Session::heard_a_ping` in src/session/opening.rs
        todo!("step 11.3: Silence (cargo course hint 11.3)")
    }
}
