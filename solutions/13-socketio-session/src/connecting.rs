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
        // ANCHOR: step_13_1_b
        let Some(index) = self.connecting(key) else { return };
        self.sockets[index].state = State::Connected;
        self.connect_deadline = None;
        let nsp = self.sockets[index].nsp.clone();
        self.send_own(&Outgoing::Connect { nsp: &nsp, data: Some(&Welcome { sid: id }) });
        // ANCHOR_END: step_13_1_b
    }

    /// Keeps a client out that asked. The connection stays, and it may ask again.
    pub fn refuse(&mut self, key: SocketKey, refusal: &Refusal) {
        let Some(index) = self.connecting(key) else { return };
        let socket = self.sockets.swap_remove(index);
        self.send_own(&Outgoing::ConnectError { nsp: &socket.nsp, data: refusal });
    }

    pub(crate) fn handle_connect(
        &mut self,
        nsp: &Namespace,
        auth: Option<RawData>,
    ) -> Result<(), Violation> {
        let nsp = Namespace::new(nsp.as_str()); // the message that it came in is not kept
        self.refuse_second_connect(&nsp)?;
        self.sockets.retain(|socket| socket.nsp != nsp); // one that left
        if self.sockets.len() >= self.config.max_namespaces {
            let refusal = Refusal::new("Too many namespaces");
            self.send_own(&Outgoing::ConnectError { nsp: &nsp, data: &refusal });
        } else {
            self.begin(nsp, auth);
        }
        Ok(())
    }

    fn begin(&mut self, nsp: Namespace, auth: Option<RawData>) {
        // ANCHOR: step_13_1
        let key = SocketKey(self.next_key);
        self.next_key += 1;
        let state = State::Connecting;
        self.sockets.push(Socket { key, nsp: nsp.clone(), state, acks: Acks::default() });
        self.output.push_back(Output::Event(Event::Connecting { key, nsp, auth }));
        // ANCHOR_END: step_13_1
    }

    fn refuse_second_connect(&self, nsp: &Namespace) -> Result<(), Violation> {
        // ANCHOR: step_13_5
        match self.find(nsp) {
            None | Some(Socket { state: State::Left, .. }) => Ok(()),
            Some(_) => Err(Violation::ConnectedTwice { nsp: nsp.clone() }),
        }
        // ANCHOR_END: step_13_5
    }

    fn connecting(&self, key: SocketKey) -> Option<usize> {
        let mut sockets = self.sockets.iter();
        sockets.position(|socket| socket.key == key && socket.state == State::Connecting)
    }
}
