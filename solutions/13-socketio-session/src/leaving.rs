//! Out of a namespace, or out of all.

use std::mem;

use socketio_packet::{Namespace, Outgoing};

use crate::{
    DisconnectReason, Event, NoAnswer, Output, Session, SocketKey, Violation,
    socket::{Socket, State},
};

impl<T> Session<T> {
    /// Makes a socket leave, and tells its client. The connection stays.
    pub fn disconnect(&mut self, key: SocketKey) {
        // ANCHOR: step_13_4_b
        if !self.is_connected(key) {
            return;
        }
        let Some(socket) = self.sockets.iter_mut().find(|socket| socket.key == key) else { return };
        socket.state = State::Left;
        let (nsp, acks) = (socket.nsp.clone(), mem::take(&mut socket.acks));
        self.send_own(&Outgoing::Disconnect { nsp: &nsp });
        self.tell_left(key, acks.into_askers(), DisconnectReason::ByServer);
        // ANCHOR_END: step_13_4_b
    }

    /// Makes every socket leave, tells the client, and closes the connection.
    pub fn close(&mut self) {
        let keys: Vec<_> = self.sockets.iter().map(|socket| socket.key).collect();
        for key in keys {
            self.disconnect(key);
        }
        self.end_and_close(DisconnectReason::ByServer);
    }

    /// Closes the connection, because this server stops: the client is not told that it should stay
    /// away.
    pub fn shut_down(&mut self) {
        self.end_and_close(DisconnectReason::ShuttingDown);
    }

    pub(crate) fn handle_disconnect(&mut self, nsp: &Namespace) -> Result<(), Violation> {
        // ANCHOR: step_13_4
        let speaker = self.speaker(nsp, "a DISCONNECT")?;
        let index = self.sockets.iter().position(|socket| Some(socket.key) == speaker);
        if let Some(index) = index {
            let Socket { key, acks, .. } = self.sockets.swap_remove(index);
            self.tell_left(key, acks.into_askers(), DisconnectReason::ByClient);
        }
        Ok(())
        // ANCHOR_END: step_13_4
    }

    /// The client did what it must not do.
    pub(crate) fn fail(&mut self, violation: Violation) {
        self.end_and_close(DisconnectReason::Violation(violation));
    }

    /// Every socket is no more, and nothing that comes means anything.
    pub(crate) fn end(&mut self, reason: &DisconnectReason) {
        // ANCHOR: step_13_4_c
        self.closed = true;
        self.connect_deadline = None;
        for Socket { key, state, acks, .. } in mem::take(&mut self.sockets) {
            if state == State::Connected {
                self.tell_left(key, acks.into_askers(), reason.clone());
            }
        }
        // ANCHOR_END: step_13_4_c
    }

    fn end_and_close(&mut self, reason: DisconnectReason) {
        if !self.closed {
            self.end(&reason);
            self.output.push_back(Output::Close(reason));
        }
    }

    fn tell_left(
        &mut self,
        key: SocketKey,
        askers: impl Iterator<Item = T>,
        reason: DisconnectReason,
    ) {
        let why = NoAnswer::Disconnected;
        let unanswered = askers.map(|asker| Output::Event(Event::Unanswered { asker, why }));
        self.output.extend(unanswered);
        self.output.push_back(Output::Event(Event::Left { key, reason }));
    }
}
