//! Events that are answered, in both directions.

use std::time::Instant;

use socketio_packet::{AckId, EncodedPacket, Namespace, RawArgs};

use crate::{AckToken, Event, NoAnswer, Output, Session, SocketKey};

impl<T> Session<T> {
    /// Sends an event that is to be answered. The asker hears of it exactly once:
    /// [`Event::Answered`] or [`Event::Unanswered`].
    ///
    /// The packet bears this id, which was given to no other event of its namespace: an answer may
    /// come late, to a socket that has left and joined again.
    pub fn call(
        &mut self,
        key: SocketKey,
        id: AckId,
        packet: EncodedPacket,
        deadline: Instant,
        asker: T,
    ) {
        let Some(socket) = self.connected_mut(key) else {
            return self.tell_unanswered(asker, NoAnswer::Disconnected);
        };
        let before = socket.acks.insert(id, deadline, asker);
        self.output.push_back(Output::Send(packet));
        if let Some(before) = before {
            self.tell_unanswered(before, NoAnswer::TimedOut);
        }
    }

    /// Those who wait for an answer of this client, in any namespace.
    pub fn askers(&self) -> impl Iterator<Item = &T> {
        self.sockets.iter().flat_map(|socket| socket.acks.askers())
    }

    /// Answers an event, if the socket is still there. The packet is an acknowledgement in its
    /// namespace, with the token's id.
    pub fn answer(&mut self, token: AckToken, packet: EncodedPacket) {
        // ANCHOR: step_13_3_d
        self.send(token.key, packet);
        // ANCHOR_END: step_13_3_d
    }

    /// An answer that nobody waits for, or nobody any longer, means nothing.
    pub(crate) fn handle_ack(&mut self, nsp: &Namespace, id: AckId, args: RawArgs) {
        let Some(key) = self.speaker(nsp) else { return };
        if let Some(asker) = self.connected_mut(key).and_then(|socket| socket.acks.take(id)) {
            self.output.push_back(Output::Event(Event::Answered { asker, args }));
        }
    }

    pub(crate) fn expire_acks(&mut self, now: Instant) {
        for socket in &mut self.sockets {
            while let Some(asker) = socket.acks.expire(now) {
                let why = NoAnswer::TimedOut;
                self.output.push_back(Output::Event(Event::Unanswered { asker, why }));
            }
        }
    }

    pub(crate) fn tell_unanswered(&mut self, asker: T, why: NoAnswer) {
        self.output.push_back(Output::Event(Event::Unanswered { asker, why }));
    }
}
