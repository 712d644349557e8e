//! Into a namespace.

use serde::Serialize;
use socketio_packet::{Namespace, Outgoing, RawData};

use crate::{
    Acks, Event, Output, Refusal, Session, SocketId, SocketKey, Violation,
    socket::{Socket, State},
};

/// What the client is told: its id.
#[derive(Serialize)]
struct Welcome<'a> {
    sid: &'a SocketId,
}

impl<T> Session<T> {
    /// Lets a client in that asked for it. Its socket is connected from here on.
    pub fn accept(&mut self, key: SocketKey, id: &SocketId) {
        let Some(index) = self.connecting(key) else { return };
        // TODO step 13.1, continued: see `Session::begin` in src/connecting.rs
        todo!("step 13.1: Let a client in (cargo course hint 13.1)")
    }

    /// Whether a client that asked still waits for a yes or a no. It does not once its connection has ended.
    #[must_use]
    pub fn is_connecting(&self, key: SocketKey) -> bool {
        self.connecting(key).is_some()
    }

    /// Keeps a client out that asked. The connection stays, and it may ask again.
    pub fn refuse(&mut self, key: SocketKey, refusal: &Refusal) {
        let Some(index) = self.connecting(key) else { return };
        let Socket { nsp, .. } = self.forget(index);
        self.send_own(&Outgoing::ConnectError { nsp: &nsp, data: refusal });
    }

    pub(crate) fn handle_connect(
        &mut self,
        nsp: &Namespace,
        auth: Option<RawData>,
    ) -> Result<(), Violation> {
        let nsp = Namespace::new(nsp.as_str()); // the message that it came in is not kept
        self.refuse_second_connect(&nsp)?;
        self.sockets.retain(|socket| socket.nsp != nsp); // we disconnected it: its client knows now
        if self.has_room() {
            self.begin(nsp, auth);
        } else {
            let refusal = Refusal::new("Too many namespaces");
            self.send_own(&Outgoing::ConnectError { nsp: &nsp, data: &refusal });
            self.output.push_back(Output::Event(Event::Refused { nsp, refusal }));
        }
        Ok(())
    }

    /// A connection has one socket in a namespace, and asks for it once.
    fn refuse_second_connect(&self, nsp: &Namespace) -> Result<(), Violation> {
        // TODO step 13.5: Refuse what must close
        //
        // All works, for those who keep to the rules. Two rules are not checked yet. A connection
        // has one socket in a namespace, so nobody may ask for it again while one is there:
        // `ConnectedTwice`, unless we disconnected it (`Left`). And nobody speaks in a namespace
        // before they were let in: `NotConnected`, unless the socket there is `Connected`, or
        // `Left`. Both errors name the namespace: one is kept for longer than the message lives
        // that it came in, so `refuse_uninvited` copies it with `Namespace::new`. (Socket.IO
        // protocol, "Connection to a namespace")
        //
        // Stuck? cargo course hint 13.5
        Ok(())
    }

    /// Room for one socket more. Those that we disconnected make place: the client of the oldest has
    /// most likely heard of it.
    fn has_room(&mut self) -> bool {
        if self.sockets.len() < self.config.max_namespaces {
            return true;
        }
        let left = self.sockets.iter().position(|socket| socket.state == State::Left);
        left.map(|index| self.forget(index)).is_some()
    }

    fn begin(&mut self, nsp: Namespace, auth: Option<RawData>) {
        let key = self.next_key();
        if self.sockets.is_empty() {
            self.sockets.reserve_exact(1); // most connections have one socket
        }
        // TODO step 13.1: Let a client in
        //
        // A client asks for a namespace with `0/admin,{"token":"secret"}`, and somebody above
        // decides. So a CONNECT makes two things: a socket of this namespace, in the state
        // `Connecting`, and an `Event::Connecting` for the application, with the key by which it
        // answers. `accept` is its yes: the socket is `Connected`, from now on there is no
        // `connect_deadline`, and `send_own` tells the client its id, `0/admin,{"sid":"…"}`.
        // (Socket.IO protocol, "Connection to a namespace")
        //
        // Stuck? cargo course hint 13.1
        todo!("step 13.1: Let a client in (cargo course hint 13.1)")
    }

    fn next_key(&mut self) -> SocketKey {
        self.last_key += 1;
        SocketKey(self.last_key)
    }

    pub(crate) fn connecting(&self, key: SocketKey) -> Option<usize> {
        let mut sockets = self.sockets.iter();
        sockets.position(|socket| socket.key == key && socket.state == State::Connecting)
    }
}
