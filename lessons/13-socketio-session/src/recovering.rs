//! Into a namespace, with a way back (Socket.IO protocol, "Connection state recovery").

use serde::Serialize;
use socketio_packet::{EncodedPacket, Outgoing};

use crate::{Output, Session, SocketId, SocketKey, socket::State};

/// What the client is told: its id, and the secret by which it is known again.
#[derive(Serialize)]
struct Welcome<'a> {
    sid: &'a SocketId,
    pid: &'a str,
}

impl<T> Session<T> {
    /// As [`accept`](Session::accept), for a client that may come back as who it was: it shows `pid` then.
    /// If it has come back, what it `missed` goes before the reply.
    pub fn accept_recoverable(
        &mut self,
        key: SocketKey,
        id: &SocketId,
        pid: &str,
        missed: impl IntoIterator<Item = EncodedPacket>,
    ) {
        let Some(index) = self.connecting(key) else { return };
        let socket = &mut self.sockets[index];
        socket.state = State::Connected;
        let nsp = socket.nsp.clone();
        self.connect_deadline = None;
        self.output.extend(missed.into_iter().map(Output::Send));
        self.send_own(&Outgoing::Connect { nsp: &nsp, data: Some(&Welcome { sid: id, pid }) });
    }
}
