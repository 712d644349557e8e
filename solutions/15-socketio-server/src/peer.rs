use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, atomic::AtomicBool, atomic::Ordering};

use serde_json::Value;
use socketio_packet::EncodedPacket;
use socketio_rooms::Restored;
use socketio_session::{SocketId, SocketKey};

use crate::inner::Inner;
use crate::link::Link;
use crate::{Extensions, Handshake};

/// What everybody who holds a socket shares.
pub(crate) struct Peer {
    pub(crate) id: SocketId,
    pub(crate) key: SocketKey,
    pub(crate) nsp: Arc<Inner>,
    pub(crate) link: Arc<Link>,
    pub(crate) handshake: Handshake,
    /// What `auth` made of the client.
    pub(crate) user: Arc<dyn Any + Send + Sync>,
    pub(crate) extensions: Extensions,
    pub(crate) data: Mutex<Value>,
    /// The secret by which its client is known again, if the server recovers connections.
    pub(crate) pid: Option<Box<str>>,
    pub(crate) recovered: bool,
    left: AtomicBool,
}

impl Peer {
    pub(crate) fn new(
        id: SocketId,
        key: SocketKey,
        nsp: Arc<Inner>,
        link: Arc<Link>,
        handshake: Handshake,
        user: Arc<dyn Any + Send + Sync>,
    ) -> Self {
        Self {
            id,
            key,
            nsp,
            link,
            handshake,
            user,
            extensions: Extensions::default(),
            data: Mutex::default(),
            pid: None,
            recovered: false,
            left: AtomicBool::new(false),
        }
    }

    /// It becomes who it was, or gets a secret by which it is known again. Its rooms, and what it missed.
    pub(crate) fn recover(
        &mut self,
        restored: Option<Restored>,
    ) -> (Vec<String>, Vec<EncodedPacket>) {
        let Some(Restored { session, missed }) = restored else {
            self.pid = Some(secret());
            return (Vec::new(), Vec::new());
        };
        self.id = session.id;
        self.pid = Some(session.pid.into());
        self.data = Mutex::new(serde_json::from_str(&session.data).unwrap_or_default());
        self.recovered = true;
        (session.rooms, missed)
    }

    pub(crate) fn is_connected(&self) -> bool {
        !self.left.load(Ordering::Acquire)
    }

    pub(crate) fn rooms(&self) -> Vec<String> {
        let rooms = self.nsp.rooms();
        rooms.rooms_of(self.id.as_str()).map(str::to_owned).collect()
    }

    /// It is about to leave: see [`Slot::leave`](crate::slot::Slot::leave).
    pub(crate) fn leave(&self) {
        self.left.store(true, Ordering::Release);
    }
}

/// From the system itself: two copies of this process would share any other generator.
fn secret() -> Box<str> {
    let mut random = [0; 15];
    getrandom::fill(&mut random).expect("the operating system has randomness");
    SocketId::from_random(random).as_str().into()
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, nsp) = (&self.id, &self.nsp.name);
        f.debug_struct("Socket").field("id", id).field("nsp", nsp).finish_non_exhaustive()
    }
}
