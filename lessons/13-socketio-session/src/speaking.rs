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
        // TODO step 13.2: Events to the right socket
        //
        // One connection, several sockets. `speaker` says whose a packet is: that of the socket
        // which `find` knows in its namespace; nobody's if there is none, or if it is `Left`, for
        // what such a client says was said before it knew. `handle_event` tells the application of
        // the event, with the socket's key; if the client waits for an answer (`ack` is its
        // number), with an `AckToken` of both. `send` is the other direction: the packet is encoded
        // already, and goes out if the socket of this key is connected. (Socket.IO protocol,
        // "Sending and receiving data")
        //
        // Stuck? cargo course hint 13.2
        todo!("step 13.2: Events to the right socket (cargo course hint 13.2)")
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
        // TODO step 13.2, continued: see `Session::send` in src/speaking.rs
        todo!("step 13.2: Events to the right socket (cargo course hint 13.2)")
    }

    /// Whose packet it is. `None`: of a socket that we disconnected, and whose client did not know yet.
    pub(crate) fn speaker(&self, nsp: &Namespace) -> Option<SocketKey> {
        // TODO step 13.2, continued: see `Session::send` in src/speaking.rs
        todo!("step 13.2: Events to the right socket (cargo course hint 13.2)")
    }

    /// Nobody speaks where they have not been let in. "If the server does not receive a `CONNECT` packet
    /// first, then it MUST close the connection immediately." (Connection to a namespace)
    pub(crate) fn refuse_uninvited(
        &self,
        nsp: &Namespace,
        came: &'static str,
    ) -> Result<(), Violation> {
        // TODO step 13.5, continued: see `Session::refuse_second_connect` in src/connecting.rs
        Ok(())
    }
}
