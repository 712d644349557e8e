use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde::Deserialize;
use socketio_packet::{EncodeError, EncodedPacket, WithOffset};
use socketio_rooms::{LostSession, MissedEvent, RecoveryLog, Restored, Selection};
use socketio_session::DisconnectReason;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};

use crate::inner::Inner;
use crate::peer::Peer;
use crate::{Event, Handshake, Problem};

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
///
/// The log is the application's. Where it panics, an event is sent without being stored, and whoever comes or goes is
/// nobody's return.
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
    /// which they are stored, so there is one lock. The arguments are written already: values of the application's
    /// may wait for locks of its own.
    pub(crate) fn emit(
        self: &Arc<Self>,
        nsp: &Inner,
        selection: &Selection,
        packet: EncodedPacket,
        send: impl FnOnce(&EncodedPacket),
    ) {
        let event = nsp.read_back(&packet);
        let mut kept = self.kept();
        let stored = event.map(|event| {
            unless_it_panics(|| {
                kept.store_event(nsp, selection, &event, packet.wants_compression())
            })
        });
        self.see_to_expiry(&mut kept);
        match &stored {
            Some(Ok(Ok(stored))) => send(stored),
            _ => send(&packet),
        }
        drop(kept);
        if let Some(Err(panicked)) = stored {
            nsp.report(&panicked);
        }
    }

    /// Lets somebody in, who may have been here before: not if they missed more than there is room for. No event
    /// passes meanwhile.
    pub(crate) fn let_in<T>(
        self: &Arc<Self>,
        nsp: &Inner,
        handshake: &Handshake,
        has_room: impl FnOnce(&[EncodedPacket]) -> bool,
        let_in: impl FnOnce(Option<Restored>) -> T,
    ) -> T {
        let shown = handshake.auth::<Return>().ok();
        let mut kept = self.kept();
        let restored = shown.map_or(Ok(None), |Return { pid, offset }| {
            unless_it_panics(|| kept.log.restore(&nsp.name, &pid, offset.as_deref(), now()).ok())
        });
        self.see_to_expiry(&mut kept);
        let (restored, panicked) = match restored {
            Ok(restored) => (restored.filter(|it| has_room(&it.missed)), None),
            Err(panicked) => (None, Some(panicked)),
        };
        let is_in = let_in(restored);
        drop(kept);
        panicked.inspect(|panicked| nsp.report(panicked));
        is_in
    }

    /// Somebody has left, who may come back.
    pub(crate) fn store(self: &Arc<Self>, nsp: &Inner, session: LostSession) {
        let mut kept = self.kept();
        let stored = unless_it_panics(|| kept.log.store_session(session, now()));
        self.see_to_expiry(&mut kept);
        drop(kept);
        if let Err(panicked) = stored {
            nsp.report(&panicked);
        }
    }

    /// What is too old is forgotten also if nothing happens any more. Who speaks may be on a thread without a
    /// runtime; who comes and who leaves is not.
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

impl Kept {
    /// The event as it is to be sent: behind its arguments stands where the log has it.
    fn store_event(
        &mut self,
        nsp: &Inner,
        selection: &Selection,
        event: &Event,
        compress: bool,
    ) -> Result<EncodedPacket, EncodeError> {
        let offset = self.log.next_offset();
        let args = WithOffset { args: &event.args, offset: &offset };
        let packet = nsp.encode(None, &event.name, &args)?;
        let packet = if compress { packet } else { packet.uncompressed() };
        let (nsp, selection) = (nsp.name.clone(), selection.clone());
        let event = MissedEvent { nsp, selection, packet: packet.clone() };
        self.log.store_event(&offset, event, now());
        Ok(packet)
    }
}

/// Who leaves, if they may come back as who they were.
pub(crate) fn lost(peer: &Peer, reason: &DisconnectReason) -> Option<LostSession> {
    if !RECOVERABLE.contains(&reason.reference_name()) {
        return None;
    }
    Some(LostSession {
        nsp: peer.nsp.name.clone(),
        pid: peer.pid.as_deref()?.to_owned(),
        id: peer.id.clone(),
        rooms: peer.rooms(),
        data: peer.data.lock().unwrap_or_else(PoisonError::into_inner).to_string(),
    })
}

/// Forgets what is too old, as long as there is anything.
async fn expire(recovery: Weak<Recovery>) {
    while let Some(recovery) = recovery.upgrade() {
        let next = {
            let mut kept = recovery.kept();
            kept.expires = false; // should the log panic
            let next = kept.log.expire(now());
            kept.expires = next.is_some();
            next
        };
        drop(recovery);
        let Some(next) = next else { return };
        sleep_until(Instant::from_std(next)).await;
    }
}

fn unless_it_panics<T>(ask: impl FnOnce() -> T) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(ask))
        .map_err(|_| Problem::Panicked { name: "recovery log".to_owned() })
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

impl fmt::Debug for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recovery").field(&self.kept().log).finish()
    }
}
