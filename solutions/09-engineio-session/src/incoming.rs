//! What the client says, whatever carried it.

use std::time::Instant;

use engineio_packet::{Frame, Packet};

use crate::{CloseReason, Event, Output, Rejected, Session};

impl Session {
    /// One packet, over the transport that the session is on.
    pub(crate) fn packet(&mut self, frame: Frame, now: Instant) -> Result<(), Rejected> {
        let packet =
            Packet::decode(frame).map_err(|error| self.fail(CloseReason::Malformed(error)))?;
        if self.is_closing() && packet != Packet::Close {
            return Ok(());
        }
        // ANCHOR: step_9_3
        match packet {
            Packet::Pong(_) => self.heartbeat.handle_pong(now),
            Packet::Message(message) => {
                self.heartbeat.handle_packet(now);
                self.output.push_back(Output::Event(Event::Message(message)));
            }
            Packet::Close => self.end(CloseReason::ByClient),
            Packet::Ping(_) => return Err(self.fail(unexpected("ping"))),
            Packet::Open(_) => return Err(self.fail(unexpected("open"))),
            Packet::Upgrade | Packet::Noop => self.heartbeat.handle_packet(now),
        }
        Ok(())
        // ANCHOR_END: step_9_3
    }
}

fn unexpected(came: &'static str) -> CloseReason {
    CloseReason::Unexpected { expected: "expected a pong, a message or a close", came }
}
