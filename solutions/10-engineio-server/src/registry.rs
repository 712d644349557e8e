use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engineio_packet::{Sid, Transport};
use engineio_session::CloseReason;
use tracing::{Span, debug, debug_span};

use crate::mailbox::{Delivery, Mailbox};
use crate::stats::Counters;
use crate::{Refusal, RequestHead};

/// A map that has become so much too large is made smaller.
const SPARSE: usize = 4;

/// Which session is where. Every HTTP request looks here once; what travels over a WebSocket never does.
pub(crate) struct Registry {
    limit: usize,
    sessions: Mutex<Sessions>,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Sessions {
    by_sid: HashMap<Sid, Arc<Mailbox>>,
    closed: bool,
}

impl Registry {
    pub(crate) fn new(limit: usize, counters: Arc<Counters>) -> Self {
        Self { limit, sessions: Mutex::default(), counters }
    }

    /// A session begins. It is found until the [`Registration`] is dropped.
    pub(crate) fn enter(
        self: &Arc<Self>,
        sid: &Sid,
        mailbox: &Arc<Mailbox>,
        transport: Transport,
    ) -> Result<Registration, Refusal> {
        let mut sessions = self.sessions();
        if sessions.closed {
            return Err(Refusal::Stopping);
        }
        if sessions.by_sid.len() >= self.limit {
            return Err(Refusal::Full { limit: self.limit });
        }
        sessions.by_sid.insert(sid.clone(), Arc::clone(mailbox));
        let (registry, mailbox) = (Arc::clone(self), Arc::clone(mailbox));
        let number = self.counters.open(transport);
        Ok(Registration {
            registry,
            mailbox,
            sid: sid.clone(),
            transport,
            number,
            has_ended: false,
        })
    }

    pub(crate) fn find(&self, sid: &Sid) -> Option<Arc<Mailbox>> {
        self.sessions().by_sid.get(sid).cloned()
    }

    pub(crate) fn len(&self) -> usize {
        self.sessions().by_sid.len()
    }

    /// Lets no session begin any more, and asks those that live to close.
    pub(crate) fn close(&self) {
        // ANCHOR: step_10_5_c
        let mut sessions = self.sessions();
        sessions.closed = true;
        for mailbox in sessions.by_sid.values() {
            mailbox.push(Delivery::Close);
        }
        // ANCHOR_END: step_10_5_c
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many sessions there are, and not their ids: those are secrets.
impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("sessions", &self.len())
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// The entry of a session that lives. However its task ends, the entry goes with it.
#[derive(Debug)]
pub(crate) struct Registration {
    registry: Arc<Registry>,
    mailbox: Arc<Mailbox>,
    sid: Sid,
    transport: Transport,
    number: u64,
    /// Its end has been told.
    has_ended: bool,
}

impl Registration {
    pub(crate) fn sid(&self) -> &Sid {
        &self.sid
    }

    /// The session has moved to a WebSocket.
    pub(crate) fn upgrade(&mut self) {
        self.transport = Transport::WebSocket;
        self.registry.counters.upgrade();
        debug!("upgraded");
    }

    /// What is told of the session is told in this span, under a number: its id is a secret.
    pub(crate) fn span(&self, head: &RequestHead) -> Span {
        let span = debug_span!(
            "connection",
            number = self.number,
            peer = head.peer().map(tracing::field::display)
        );
        debug!(parent: &span, transport = self.transport.name(), "opened");
        span
    }

    /// The session has ended, before its task was cut off.
    pub(crate) fn end(mut self, reason: &CloseReason) {
        debug!(reason = reason.reference_name(), why = ?reason.to_string(), "closed");
        self.has_ended = true;
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if !self.has_ended {
            debug!(reason = "forced close", why = "cut off", "closed");
        }
        // Whoever waits for an answer, or finds the mailbox at this moment, hears that none will come.
        self.mailbox.close();
        self.registry.counters.close(self.transport);
        // ANCHOR: step_10_5_b
        let by_sid = &mut self.registry.sessions().by_sid;
        by_sid.remove(&self.sid);
        if by_sid.capacity() > SPARSE * by_sid.len() {
            by_sid.shrink_to(2 * by_sid.len());
        }
        // ANCHOR_END: step_10_5_b
    }
}
