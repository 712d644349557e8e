use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use socketio_packet::{
    AckId, EncodeError, EncodedPacket, Namespace as Name, Packet, Parser, Reassembly, ToArgs,
};
use socketio_rooms::Rooms;

use crate::adapter::Adapter;
use crate::gate::Gate;
use crate::handlers::Handlers;
use crate::peer::Peer;
use crate::recovery::Recovery;
use crate::settings::Settings;
use crate::{Event, Problem};

/// A namespace: who is in it, and what it does.
pub(crate) struct Inner {
    pub(crate) name: Name,
    settings: Arc<Settings>,
    handlers: RwLock<Arc<Handlers>>,
    gate: RwLock<Arc<Gate>>,
    rooms: Mutex<Rooms<Arc<Peer>>>,
    ack_ids: AtomicU64,
    /// Done once, by whoever needs it first.
    pub(crate) set_up: OnceLock<()>,
}

impl Inner {
    pub(crate) fn new(name: Name, settings: &Arc<Settings>) -> Self {
        Self {
            name,
            settings: Arc::clone(settings),
            handlers: RwLock::default(),
            gate: RwLock::default(),
            rooms: Mutex::default(),
            ack_ids: AtomicU64::new(0),
            set_up: OnceLock::new(),
        }
    }

    pub(crate) fn parser(&self) -> &dyn Parser {
        &*self.settings.parser
    }

    pub(crate) fn adapter(&self) -> &dyn Adapter {
        &*self.settings.adapter
    }

    /// What is kept for clients whose connection broke, if anything is.
    pub(crate) fn recovery(&self) -> Option<&Arc<Recovery>> {
        self.settings.recovery.as_ref()
    }

    /// An event, as the clients of this server get it.
    pub(crate) fn encode(
        &self,
        ack: Option<AckId>,
        name: &str,
        args: &dyn ToArgs,
    ) -> Result<EncodedPacket, EncodeError> {
        EncodedPacket::event(self.parser(), &self.name, ack, name, args)
    }

    /// The event that was encoded.
    pub(crate) fn read_back(&self, packet: &EncodedPacket) -> Option<Event> {
        let mut reassembly = Reassembly::default();
        for message in packet.messages() {
            let packet = self.parser().decode(message, &mut reassembly).ok()?;
            if let Some(Packet::Event { name, args, .. }) = packet {
                return Some(Event { name, args });
            }
        }
        None
    }

    pub(crate) fn call_timeout(&self) -> Duration {
        self.settings.call_timeout
    }

    /// Counted for the whole namespace: a call to many bears one id.
    pub(crate) fn next_ack_id(&self) -> AckId {
        AckId(self.ack_ids.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn report(&self, problem: &Problem) {
        self.settings.report(problem);
    }

    pub(crate) fn rooms(&self) -> MutexGuard<'_, Rooms<Arc<Peer>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A socket that has left joins nothing: the rooms know only ids of sockets that are there. An id comes
    /// again only if its client has come back as who it was, and then it is that socket that joins.
    pub(crate) fn join(&self, peer: &Arc<Peer>, room: &str) {
        self.rooms().join(peer.id.as_str(), room);
    }

    pub(crate) fn handlers(&self) -> Arc<Handlers> {
        Arc::clone(&self.handlers.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn gate(&self) -> Arc<Gate> {
        Arc::clone(&self.gate.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The last client has left, and it will be asked for no more.
    pub(crate) fn tell_closed(&self) {
        let tell = AssertUnwindSafe(|| self.adapter().closed(&self.name));
        if self.set_up.get().is_some() && catch_unwind(tell).is_err() {
            self.report(&Problem::Panicked { name: self.name.to_string() });
        }
    }

    /// Nothing is registered any more: a handler that captured the namespace would keep it alive.
    pub(crate) fn clear(&self) {
        *self.handlers.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
        *self.gate.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }

    /// Sockets that are there already keep what they have.
    pub(crate) fn change_handlers(&self, change: impl FnOnce(&mut Handlers)) {
        change(Arc::make_mut(&mut self.handlers.write().unwrap_or_else(PoisonError::into_inner)));
    }

    pub(crate) fn change_gate(&self, change: impl FnOnce(&mut Gate)) {
        change(Arc::make_mut(&mut self.gate.write().unwrap_or_else(PoisonError::into_inner)));
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Namespace").field("name", &self.name).finish_non_exhaustive()
    }
}
