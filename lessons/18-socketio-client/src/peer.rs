use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use socketio_packet::{AckId, Namespace};
use tokio::sync::watch;

use crate::State;
use crate::handlers::{BoxFuture, Handlers};

/// What a client shows when it asks to join a namespace: made anew each time.
pub(crate) type Auth = Arc<dyn Fn() -> BoxFuture<Option<Value>> + Send + Sync>;

/// One namespace of a client, whether it is joined or not.
pub(crate) struct Peer {
    pub(crate) nsp: Namespace,
    pub(crate) state: watch::Sender<State>,
    handlers: Mutex<Handlers>,
    auth: Mutex<Option<Auth>>,
    ack_ids: AtomicU64,
}

impl Peer {
    pub(crate) fn new(nsp: &Namespace) -> Self {
        Self {
            nsp: nsp.clone(),
            state: watch::Sender::new(State::Disconnected),
            handlers: Mutex::default(),
            auth: Mutex::default(),
            ack_ids: AtomicU64::new(0),
        }
    }

    pub(crate) fn handlers(&self) -> MutexGuard<'_, Handlers> {
        self.handlers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_auth(&self, auth: Auth) {
        *self.auth.lock().unwrap_or_else(PoisonError::into_inner) = Some(auth);
    }

    pub(crate) fn auth(&self) -> Option<Auth> {
        self.auth.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counted for the socket, over all its connections: a late answer is not taken for another.
    pub(crate) fn next_ack_id(&self) -> AckId {
        AckId(self.ack_ids.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("nsp", &self.nsp)
            .field("state", &*self.state.borrow())
            .finish_non_exhaustive()
    }
}
