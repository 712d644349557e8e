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
        // TODO step 9.3: What the client says
        //
        // A packet comes, in a POST or over the WebSocket: the meaning is the same. A pong goes to
        // the heartbeat. A message is an `Event` for the application, in the one queue
        // `self.output`; the heartbeat hears that a packet came. A close ends the session:
        // `self.end(CloseReason::ByClient)`. A ping and an open are not a client's to send:
        // `self.fail(unexpected("ping"))` ends the session and gives the error to return. Upgrade
        // and noop mean nothing here, but the heartbeat hears of them. `post` hands in the packets
        // of a body, one by one, and stops at the first error, or when the session has ended.
        // (Engine.IO protocol, "Packet encoding")
        //
        // Stuck? cargo course hint 9.3
        todo!("step 9.3: What the client says (cargo course hint 9.3)")
    }
}

fn unexpected(came: &'static str) -> CloseReason {
    CloseReason::Unexpected { expected: "expected a pong, a message or a close", came }
}
