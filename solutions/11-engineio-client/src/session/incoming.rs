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
        // ANCHOR: step_11_3_b
        match packet {
            Packet::Ping(_) => {
                self.heard_a_ping(now);
                self.send_frame(Packet::Pong(ByteString::new()).encode());
            }
            Packet::Message(message) => {
                self.output.push_back(Output::Event(Event::Message(message)));
            }
            Packet::Noop | Packet::Pong(_) => {}
            Packet::Close => self.end(CloseReason::ByServer),
            Packet::Open(_) => self.end(CloseReason::Unexpected { came: "a second open" }),
            Packet::Upgrade => self.end(CloseReason::Unexpected { came: "an upgrade" }),
        }
        // ANCHOR_END: step_11_3_b
    }
}
