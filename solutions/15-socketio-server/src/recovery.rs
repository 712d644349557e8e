use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde::Deserialize;
use socketio_packet::{EncodeError, EncodedPacket, ToArgs, WithOffset};
use socketio_rooms::{LostSession, MissedEvent, RecoveryLog, Restored, Selection};
use socketio_session::DisconnectReason;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};

use crate::Handshake;
use crate::inner::Inner;
use crate::peer::Peer;

/// The reference's words for what is not the application's decision: whoever is lost so may come back as
/// who they were.
const RECOVERABLE: [&str; 6] = [
    "transport error",
    "transport close",
    "forced close",
    "ping timeout",
    "server shutting down",
    "forced server close",
];

/// What is kept for clients whose connection broke.
pub(crate) struct Recovery(Mutex<Kept>);

struct Kept {
    log: Box<dyn RecoveryLog>,
    /// Whether a task forgets what is too old.
    expires: bool,
}

/// What a client shows that comes back.
#[derive(Deserialize)]
struct Return {
    pid: String,
    offset: Option<String>,
}

impl Recovery {
    pub(crate) fn new(log: impl RecoveryLog + 'static) -> Self {
        Self(Mutex::new(Kept { log: Box::new(log), expires: false }))
    }

    /// Sends an event to some sockets, and stores it for those who are away. Events go out in the order in
    /// which they are stored, so there is one lock.
    pub(crate) fn emit(
        self: &Arc<Self>,
        nsp: &Inner,
        selection: &Selection,
        write: impl FnOnce(WithOffset<'_>) -> Result<EncodedPacket, EncodeError>,
        args: &dyn ToArgs,
        send: impl FnOnce(&EncodedPacket),
    ) -> Result<(), EncodeError> {
        let mut kept = self.kept();
        let offset = kept.log.next_offset();
        let packet = write(WithOffset { args, offset: &offset })?;
        let (nsp, selection) = (nsp.name.clone(), selection.clone());
        let event = MissedEvent { nsp, selection, packet: packet.clone() };
        kept.log.store_event(&offset, event, now());
        self.see_to_expiry(&mut kept);
        send(&packet);
        Ok(())
    }

    /// Lets somebody in, who may have been here before. No event passes meanwhile.
    pub(crate) fn let_in<T>(
        &self,
        handshake: &Handshake,
        let_in: impl FnOnce(Option<Restored>) -> T,
    ) -> T {
        let mut kept = self.kept();
        let restored = handshake.auth::<Return>().ok().and_then(|Return { pid, offset }| {
            kept.log.restore(handshake.nsp(), &pid, offset.as_deref(), now()).ok()
        });
        let_in(restored)
    }

    /// Somebody leaves, who may come back.
    pub(crate) fn store(self: &Arc<Self>, peer: &Peer, reason: &DisconnectReason) {
        let Some(pid) = &peer.pid else { return };
        if !RECOVERABLE.contains(&reason.reference_name()) {
            return;
        }
        let session = LostSession {
            nsp: peer.nsp.name.clone(),
            pid: pid.to_string(),
            id: peer.id.clone(),
            rooms: peer.rooms(),
            data: peer.data.lock().unwrap_or_else(PoisonError::into_inner).to_string(),
        };
        let mut kept = self.kept();
        kept.log.store_session(session, now());
        self.see_to_expiry(&mut kept);
    }

    /// What is too old is forgotten also if nothing happens any more.
    fn see_to_expiry(self: &Arc<Self>, kept: &mut Kept) {
        if let (false, Ok(runtime)) = (kept.expires, Handle::try_current()) {
            kept.expires = true;
            runtime.spawn(expire(Arc::downgrade(self)));
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what is too old, as long as there is anything.
async fn expire(recovery: Weak<Recovery>) {
    while let Some(recovery) = recovery.upgrade() {
        let next = {
            let mut kept = recovery.kept();
            let next = kept.log.expire(now());
            kept.expires = next.is_some();
            next
        };
        drop(recovery);
        let Some(next) = next else { return };
        sleep_until(Instant::from_std(next)).await;
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

impl fmt::Debug for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recovery").field(&self.kept().log).finish()
    }
}
