//! Out of a namespace, or out of all.

use std::mem;

use socketio_packet::{Namespace, Outgoing};

use crate::{
    Acks, DisconnectReason, Event, NoAnswer, Output, Session, SocketKey, Violation,
    socket::{Socket, State},
};

impl<T> Session<T> {
    /// Makes a socket leave, and tells its client. The connection stays.
    pub fn disconnect(&mut self, key: SocketKey) {
        let Some(socket) = self.connected_mut(key) else { return };
        // ANCHOR: step_13_4_b
        socket.state = State::Left;
        let (nsp, acks) = (socket.nsp.clone(), mem::take(&mut socket.acks));
        self.send_own(&Outgoing::Disconnect { nsp: &nsp });
        self.tell_left(key, acks, DisconnectReason::ByServer);
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

    pub(crate) fn handle_disconnect(&mut self, nsp: &Namespace) {
        // ANCHOR: step_13_4
        let index = self.sockets.iter().position(|socket| socket.nsp == *nsp);
        let Some(Socket { key, state, acks, .. }) = index.map(|index| self.forget(index)) else {
            return;
        };
        if state == State::Connected {
            self.tell_left(key, acks, DisconnectReason::ByClient);
        }
        // ANCHOR_END: step_13_4
    }

    /// The client did what it must not do.
    pub(crate) fn fail(&mut self, violation: Violation) {
        self.end_and_close(DisconnectReason::Violation(violation));
    }

    fn end_and_close(&mut self, reason: DisconnectReason) {
        if !self.closed {
            self.end(&reason);
            self.output.push_back(Output::Close(reason));
        }
    }

    /// Every socket is no more, and nothing that comes means anything.
    pub(crate) fn end(&mut self, reason: &DisconnectReason) {
        // ANCHOR: step_13_4_c
        self.closed = true;
        self.connect_deadline = None;
        for Socket { key, state, acks, .. } in mem::take(&mut self.sockets) {
            if state == State::Connected {
                self.tell_left(key, acks, reason.clone());
            }
        }
        // ANCHOR_END: step_13_4_c
    }

    /// Takes a socket out. The room that many took is not kept for few.
    pub(crate) fn forget(&mut self, index: usize) -> Socket<T> {
        let socket = self.sockets.remove(index);
        self.sockets.shrink_to(2 * self.sockets.len());
        socket
    }

    /// The askers first: nothing comes after the end.
    fn tell_left(&mut self, key: SocketKey, acks: Acks<T>, reason: DisconnectReason) {
        for asker in acks.into_askers() {
            self.tell_unanswered(asker, NoAnswer::Disconnected);
        }
        self.output.push_back(Output::Event(Event::Left { key, reason }));
    }
}
