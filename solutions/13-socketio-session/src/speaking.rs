//! What is said in a namespace, in both directions.

use socketio_packet::{AckId, ByteString, EncodedPacket, Namespace, RawArgs};

use crate::{
    AckToken, Event, Output, Session, SocketKey, Violation,
    socket::{Socket, State},
};

impl<T> Session<T> {
    /// Sends a packet of the application's, if the socket is still there. It is one of the socket's
    /// namespace.
    pub fn send(&mut self, key: SocketKey, packet: EncodedPacket) {
        // ANCHOR: step_13_2
        if self.is_connected(key) {
            self.output.push_back(Output::Send(packet));
        }
        // ANCHOR_END: step_13_2
    }

    /// Whether the socket was let in and has not left.
    #[must_use]
    pub fn is_connected(&self, key: SocketKey) -> bool {
        let mut sockets = self.sockets.iter();
        sockets.any(|socket| socket.key == key && socket.state == State::Connected)
    }

    pub(crate) fn handle_event(
        &mut self,
        nsp: &Namespace,
        ack: Option<AckId>,
        name: ByteString,
        args: RawArgs,
    ) {
        // ANCHOR: step_13_2_b
        let Some(key) = self.speaker(nsp) else { return };
        let ack = ack.map(|id| AckToken { key, id });
        self.output.push_back(Output::Event(Event::Received { key, name, args, ack }));
        // ANCHOR_END: step_13_2_b
    }

    /// Whose packet it is. `None`: of a socket that we disconnected, and whose client did not know yet.
    pub(crate) fn speaker(&self, nsp: &Namespace) -> Option<SocketKey> {
        // ANCHOR: step_13_2_c
        let socket = self.find(nsp)?;
        if socket.state == State::Left { None } else { Some(socket.key) }
        // ANCHOR_END: step_13_2_c
    }

    /// Nobody speaks where they have not been let in. "If the server does not receive a `CONNECT` packet
    /// first, then it MUST close the connection immediately." (Connection to a namespace)
    pub(crate) fn refuse_uninvited(
        &self,
        nsp: &Namespace,
        came: &'static str,
    ) -> Result<(), Violation> {
        // ANCHOR: step_13_5_b
        match self.find(nsp) {
            Some(Socket { state: State::Connected | State::Left, .. }) => Ok(()),
            _ => Err(Violation::NotConnected { nsp: Namespace::new(nsp.as_str()), came }),
        }
        // ANCHOR_END: step_13_5_b
    }
}
