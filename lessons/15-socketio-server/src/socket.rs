use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, PoisonError};

use serde::{Serialize, de::DeserializeOwned};
use socketio_packet::{EncodeError, EncodedPacket, FromArgs, Namespace as Name, ToArgs};
use socketio_rooms::Selection;
use socketio_session::SocketId;

use crate::link::Command;
use crate::peer::Peer;
use crate::recovery::Recovery;
use crate::{Broadcast, Call, Extensions, Handshake, Namespace, Problem};

/// One client, in one namespace. A clone is the same socket, and may be kept and used anywhere.
///
/// `U` is what [`auth`](crate::Namespace::auth) made of the client.
pub struct Socket<U = ()> {
    pub(crate) peer: Arc<Peer>,
    user: PhantomData<fn() -> U>,
}

impl<U: 'static> Socket<U> {
    pub(crate) fn new(peer: Arc<Peer>) -> Self {
        Self { peer, user: PhantomData }
    }

    /// Who it is: another id for each socket, which others may know.
    #[must_use]
    pub fn id(&self) -> &SocketId {
        &self.peer.id
    }

    /// In which namespace.
    #[must_use]
    pub fn nsp(&self) -> &Name {
        &self.peer.nsp.name
    }

    /// What [`auth`](crate::Namespace::auth) made of the client.
    ///
    /// # Panics
    ///
    /// Never: a socket of this type is made only where `auth` gave a `U`.
    #[must_use]
    pub fn user(&self) -> &U {
        let user: &dyn Any =
            if TypeId::of::<U>() == TypeId::of::<()>() { &() } else { &*self.peer.user };
        user.downcast_ref().expect("a handler is called with what its namespace's auth made")
    }

    /// How the client came.
    #[must_use]
    pub fn handshake(&self) -> &Handshake {
        &self.peer.handshake
    }

    /// Whether it is still there.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.peer.is_connected()
    }

    /// Whether the client has come back as who it was: with its id, its rooms, its data, and all that it
    /// missed. See [`Builder::recovery`](crate::Builder::recovery).
    #[must_use]
    pub fn is_recovered(&self) -> bool {
        self.peer.recovered
    }

    /// Sends an event. What cannot be written is a [`Problem`], and is not sent.
    pub fn emit(&self, name: &str, args: impl ToArgs) {
        self.report(name, self.try_emit(name, args));
    }

    /// Sends an event.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if an argument cannot be written. Nothing is sent then.
    pub fn try_emit(&self, name: &str, args: impl ToArgs) -> Result<(), EncodeError> {
        if let Some(recovery) = self.peer.nsp.recovery() {
            let packet = self.peer.nsp.encode(None, name, &args)?;
            self.send_stored(recovery, packet);
            return Ok(());
        }
        // TODO step 15.1, continued: see `Typed::start` in src/handler.rs
        todo!("step 15.1: A handler is called for its event (cargo course hint 15.1)")
    }

    /// Sends an event if it can leave at once, and drops it otherwise: for what the next one replaces.
    pub fn emit_volatile(&self, name: &str, args: impl ToArgs) {
        let packet = self.peer.nsp.encode(None, name, &args);
        self.report(
            name,
            packet.map(|packet| {
                self.peer.link.push(Command::SendVolatile { key: self.peer.key, packet });
            }),
        );
    }

    /// Sends an event that is no reason to compress what it travels in, over polling: what is compressed
    /// already. In JavaScript it is `socket.compress(false).emit(…)`.
    pub fn emit_uncompressed(&self, name: &str, args: impl ToArgs) {
        let packet = self.peer.nsp.encode(None, name, &args);
        let sent = packet.map(|packet| {
            let packet = packet.uncompressed();
            match self.peer.nsp.recovery() {
                Some(recovery) => self.send_stored(recovery, packet),
                None => self.peer.link.push(Command::Send { key: self.peer.key, packet }),
            }
        });
        self.report(name, sent);
    }

    /// What is said to it alone is stored as what is said to its room. Whoever has come back hears it as who they
    /// are now.
    fn send_stored(&self, recovery: &Arc<Recovery>, packet: EncodedPacket) {
        let Peer { id, nsp, .. } = &*self.peer;
        let selection = Selection::default().to(id.as_str());
        recovery.emit(nsp, &selection, packet, |packet| {
            let peer = nsp.rooms().get(id.as_str()).cloned();
            if let Some(peer) = peer {
                peer.link.push(Command::Send { key: peer.key, packet: packet.clone() });
            }
        });
    }

    fn report(&self, name: &str, sent: Result<(), EncodeError>) {
        if let Err(error) = sent {
            self.peer.nsp.report(&Problem::Encode { name: name.to_owned(), error });
        }
    }

    /// Sends an event that the client is to answer. Await it for the answer.
    pub fn call<T: FromArgs>(&self, name: &str, args: impl ToArgs) -> Call<T> {
        Call::new(&self.peer, name, args)
    }

    /// Waits until all that was sent to this client has left, or it is gone: how a producer of much keeps
    /// below [`max_buffered`](crate::Builder::max_buffered).
    pub async fn drained(&self) {
        self.peer.link.drained().await;
    }

    /// The namespace, to speak to everybody in it.
    #[must_use]
    pub fn namespace(&self) -> Namespace<U> {
        Namespace::new(Arc::clone(&self.peer.nsp))
    }

    /// Everybody else in the namespace.
    pub fn broadcast(&self) -> Broadcast {
        // TODO step 15.2, continued: see `Outbox::fall_asleep` in src/link.rs
        todo!("step 15.2: To others (cargo course hint 15.2)")
    }

    /// Everybody else in a room.
    pub fn to(&self, room: &str) -> Broadcast {
        self.broadcast().to(room)
    }

    /// Everybody else who is not in a room.
    pub fn except(&self, room: &str) -> Broadcast {
        self.broadcast().except(room)
    }

    /// Enters a room. Whoever has left the namespace enters none.
    pub fn join(&self, room: &str) {
        self.peer.nsp.join(&self.peer, room);
    }

    /// Leaves a room.
    pub fn leave(&self, room: &str) {
        self.peer.nsp.rooms().leave(self.peer.id.as_str(), room);
    }

    /// The rooms that it is in, the one of its own id first.
    #[must_use]
    pub fn rooms(&self) -> Vec<String> {
        self.peer.rooms()
    }

    /// Makes it leave the namespace. The client's other namespaces stay.
    pub fn disconnect(&self) {
        self.peer.link.push(Command::Disconnect { key: self.peer.key });
    }

    /// Makes it leave all namespaces, and closes the connection.
    pub fn disconnect_all(&self) {
        self.peer.link.push(Command::Close);
    }

    /// What was set for this socket. Others see it too: [`Broadcast::fetch`].
    #[must_use]
    pub fn data<T: DeserializeOwned>(&self) -> Option<T> {
        let data = self.peer.data.lock().unwrap_or_else(PoisonError::into_inner);
        T::deserialize(&*data).ok()
    }

    /// Sets what everybody may know of this socket.
    ///
    /// # Errors
    ///
    /// If it cannot be written as JSON.
    pub fn set_data<T: Serialize>(&self, data: &T) -> Result<(), serde_json::Error> {
        let data = serde_json::to_value(data)?;
        *self.peer.data.lock().unwrap_or_else(PoisonError::into_inner) = data;
        Ok(())
    }

    /// What handlers keep for this socket. What belongs to the connection is at the
    /// [`Handshake`](Handshake::extensions).
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.peer.extensions
    }
}

impl<U> Clone for Socket<U> {
    fn clone(&self) -> Self {
        Self { peer: Arc::clone(&self.peer), user: PhantomData }
    }
}

impl<U> fmt::Debug for Socket<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.peer.fmt(f)
    }
}
