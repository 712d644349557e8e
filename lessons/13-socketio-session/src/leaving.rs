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
        // TODO step 13.4, continued: see `Session::handle_disconnect` in src/leaving.rs
        todo!("step 13.4: Leaving (cargo course hint 13.4)")
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
        // TODO step 13.4: Leaving
        //
        // A socket ends in three ways, and in each `tell_left` must run once for it, with its
        // `acks`: whoever waits for an answer hears that none will come. In `handle_disconnect` the
        // client leaves: look the socket up by its namespace, take it out with `forget`, and tell
        // it (`ByClient`) if it was `Connected`. In `disconnect` we send it away: it is `Left` and
        // stays in the list, since its client does not know yet (what that one still says,
        // `speaker` keeps out); its `acks` are taken, a DISCONNECT goes out, and it is told
        // (`ByServer`). In `end` the whole connection is over: it is `closed`, has no
        // `connect_deadline` and no sockets any more, and each that was `Connected` is told the
        // reason. (Socket.IO protocol, "Disconnection from a namespace")
        //
        // Stuck? cargo course hint 13.4
        todo!("step 13.4: Leaving (cargo course hint 13.4)")
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
        // TODO step 13.4, continued: see `Session::handle_disconnect` in src/leaving.rs
        todo!("step 13.4: Leaving (cargo course hint 13.4)")
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
