use std::fmt;
use std::future::ready;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde_json::Value;
use socketio_packet::{AckId, EncodeError, EncodedPacket, FromArgs, RawArgs, ToArgs};
use socketio_rooms::Selection;
use socketio_session::{NoAnswer, SocketId};

use crate::adapter::Message;
use crate::handler::BoxFuture;
use crate::inner::Inner;
use crate::link::Command;
use crate::peer::Peer;
use crate::{Adapter, CallAll, Problem};

/// Some sockets of a namespace, and what is to be said to them, or done with them.
///
/// ```text
/// io.to("a").to("b").except("c")      in a or b, and not in c; each once
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing happens before something is emitted"]
pub struct Broadcast {
    pub(crate) nsp: Arc<Inner>,
    selection: Selection,
    pub(crate) volatile: bool,
    compress: bool,
    local: bool,
}

/// What may be known of a socket that is somewhere.
#[derive(Clone)]
pub struct RemoteSocket {
    /// Who it is.
    pub id: SocketId,
    /// How it came, in the form that the reference gives it: see
    /// [`Handshake::to_json`](crate::Handshake::to_json).
    pub handshake: Value,
    /// Where it is.
    pub rooms: Vec<String>,
    /// What was [set](crate::Socket::set_data) for it.
    pub data: Value,
}

/// For a log: without the handshake, which holds cookies and tokens.
impl fmt::Debug for RemoteSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteSocket")
            .field("id", &self.id)
            .field("rooms", &self.rooms)
            .field("data", &self.data)
            .finish_non_exhaustive()
    }
}

impl Broadcast {
    pub(crate) fn new(nsp: &Arc<Inner>, selection: Selection) -> Self {
        Self { nsp: Arc::clone(nsp), selection, volatile: false, compress: true, local: false }
    }

    /// Those who are in this room, too.
    pub fn to(mut self, room: &str) -> Self {
        self.selection = self.selection.to(room);
        self
    }

    /// Not those who are in this room.
    pub fn except(mut self, room: &str) -> Self {
        self.selection = self.selection.except(room);
        self
    }

    /// Only those to whom it can leave at once.
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// Whether the event is a reason to compress what it travels in, over polling: not if it holds what is
    /// compressed already, a picture for example. On a WebSocket nothing is compressed.
    pub fn compress(mut self, compress: bool) -> Self {
        self.compress = compress;
        self
    }

    /// Only those on this server.
    pub fn local(mut self) -> Self {
        self.local = true;
        self
    }

    /// Sends an event, written once for all. What cannot be written is a [`Problem`], and is not sent.
    pub fn emit(&self, name: &str, args: impl ToArgs) {
        if let Err(error) = self.try_emit(name, args) {
            self.nsp.report(&Problem::Encode { name: name.to_owned(), error });
        }
    }

    /// Sends an event.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if an argument cannot be written. Nothing is sent then.
    pub fn try_emit(&self, name: &str, args: impl ToArgs) -> Result<(), EncodeError> {
        let packet = self.encode(None, name, &args)?;
        match self.nsp.recovery().filter(|_| !self.volatile) {
            Some(recovery) => {
                recovery.emit(&self.nsp, &self.selection, packet, |packet| self.send(packet));
            }
            None => self.send(&packet),
        }
        if let Some(adapter) = self.adapter() {
            let message = self.message(name, &args);
            adapter.emit(&self.nsp.name, &message, &self.selection);
        }
        Ok(())
    }

    pub(crate) fn encode(
        &self,
        ack: Option<AckId>,
        name: &str,
        args: &dyn ToArgs,
    ) -> Result<EncodedPacket, EncodeError> {
        let packet = self.nsp.encode(ack, name, args)?;
        Ok(if self.compress { packet } else { packet.uncompressed() })
    }

    fn message<'a>(&self, name: &'a str, args: &'a dyn ToArgs) -> Message<'a> {
        Message { name, args, volatile: self.volatile, compress: self.compress }
    }

    /// Sends a packet to those on this server.
    fn send(&self, packet: &EncodedPacket) {
        // TODO step 15.2, continued: see `Outbox::fall_asleep` in src/link.rs
        todo!("step 15.2: To others (cargo course hint 15.2)")
    }

    /// Sends an event that each is to answer. Await it for the answers.
    pub fn call<T: FromArgs>(self, name: &str, args: impl ToArgs) -> CallAll<T> {
        CallAll::new(self, name, args)
    }

    /// Who they are.
    pub async fn fetch(&self) -> Vec<RemoteSocket> {
        let mut known = self.fetch_local();
        if let Some(adapter) = self.adapter() {
            known.extend(adapter.fetch(&self.nsp.name, &self.selection).await);
        }
        known
    }

    fn fetch_local(&self) -> Vec<RemoteSocket> {
        let known = |peer: Arc<Peer>| RemoteSocket {
            id: peer.id.clone(),
            handshake: peer.handshake.to_json(),
            rooms: peer.rooms(),
            data: peer.data.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        };
        self.peers().into_iter().map(known).collect()
    }

    /// Makes them enter a room.
    pub fn join(&self, room: &str) {
        for peer in self.peers() {
            self.nsp.join(&peer, room);
        }
        if let Some(adapter) = self.adapter() {
            adapter.join(&self.nsp.name, &self.selection, room);
        }
    }

    /// Makes them leave a room.
    pub fn leave(&self, room: &str) {
        for peer in self.peers() {
            self.nsp.rooms().leave(peer.id.as_str(), room);
        }
        if let Some(adapter) = self.adapter() {
            adapter.leave(&self.nsp.name, &self.selection, room);
        }
    }

    /// Makes them leave the namespace.
    pub fn disconnect(&self) {
        for peer in self.peers() {
            peer.link.push(Command::Disconnect { key: peer.key });
        }
        if let Some(adapter) = self.adapter() {
            adapter.disconnect(&self.nsp.name, &self.selection, false);
        }
    }

    /// Makes them leave all namespaces, and closes their connections.
    pub fn disconnect_all(&self) {
        for peer in self.peers() {
            peer.link.push(Command::Close);
        }
        if let Some(adapter) = self.adapter() {
            adapter.disconnect(&self.nsp.name, &self.selection, true);
        }
    }

    /// The other servers, if they are meant too.
    pub(crate) fn adapter(&self) -> Option<&dyn Adapter> {
        (!self.local).then(|| self.nsp.adapter())
    }

    /// Asks those on other servers. The packet is what this server's own are asked with.
    pub(crate) fn call_elsewhere(
        &self,
        packet: &EncodedPacket,
        timeout: Duration,
    ) -> BoxFuture<Vec<Result<RawArgs, NoAnswer>>> {
        // The values themselves are gone by the time that a call is awaited.
        let (Some(adapter), Some(event)) = (self.adapter(), self.nsp.read_back(packet)) else {
            return Box::pin(ready(Vec::new()));
        };
        let message = self.message(&event.name, &event.args);
        adapter.call(&self.nsp.name, &message, &self.selection, timeout)
    }

    /// The sockets on this server. Others may join and leave while they are told.
    pub(crate) fn peers(&self) -> Vec<Arc<Peer>> {
        // TODO step 15.2, continued: see `Outbox::fall_asleep` in src/link.rs
        todo!("step 15.2: To others (cargo course hint 15.2)")
    }
}
