//! Events that are answered, in both directions.

use std::time::Instant;

use socketio_packet::{AckId, EncodedPacket, Namespace, RawArgs};

use crate::{AckToken, Event, NoAnswer, Output, Session, SocketKey, Violation, socket::Socket};

impl<T> Session<T> {
    /// Sends an event that is to be answered. The asker hears of it exactly once:
    /// [`Event::Answered`] or [`Event::Unanswered`].
    ///
    /// The packet bears this id, which nobody in this socket waits under.
    pub fn call(
        &mut self,
        key: SocketKey,
        id: AckId,
        packet: EncodedPacket,
        deadline: Instant,
        asker: T,
    ) {
        if !self.is_connected(key) {
            let why = NoAnswer::Disconnected;
            self.output.push_back(Output::Event(Event::Unanswered { asker, why }));
            return;
        }
        if let Some(socket) = self.socket_mut(key) {
            socket.acks.insert(id, deadline, asker);
        }
        self.send(key, packet);
    }

    /// Answers an event, if the socket is still there. The packet is an acknowledgement in its
    /// namespace, with the token's id.
    pub fn answer(&mut self, token: AckToken, packet: EncodedPacket) {
        self.send(token.key, packet);
    }

    /// An answer that nobody waits for, or nobody any longer, means nothing.
    pub(crate) fn handle_ack(
        &mut self,
        nsp: &Namespace,
        id: AckId,
        args: RawArgs,
    ) -> Result<(), Violation> {
        let Some(key) = self.speaker(nsp, "an ACK")? else { return Ok(()) };
        if let Some(asker) = self.socket_mut(key).and_then(|socket| socket.acks.take(id)) {
            self.output.push_back(Output::Event(Event::Answered { asker, args }));
        }
        Ok(())
    }

    pub(crate) fn expire_acks(&mut self, now: Instant) {
        for socket in &mut self.sockets {
            while let Some(asker) = socket.acks.expire(now) {
                let why = NoAnswer::TimedOut;
                self.output.push_back(Output::Event(Event::Unanswered { asker, why }));
            }
        }
    }

    fn socket_mut(&mut self, key: SocketKey) -> Option<&mut Socket<T>> {
        self.sockets.iter_mut().find(|socket| socket.key == key)
    }
}
