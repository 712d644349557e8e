use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engineio_packet::Sid;

use crate::Refusal;
use crate::mailbox::{Delivery, Mailbox};

/// A map that has become so much too large is made smaller.
const SPARSE: usize = 4;

/// Which session is where. Every HTTP request looks here once; what travels over a WebSocket never does.
pub(crate) struct Registry {
    limit: usize,
    sessions: Mutex<Sessions>,
}

#[derive(Default)]
struct Sessions {
    by_sid: HashMap<Sid, Arc<Mailbox>>,
    closed: bool,
}

impl Registry {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, sessions: Mutex::default() }
    }

    /// A session begins. It is found until the [`Registration`] is dropped.
    pub(crate) fn enter(
        self: &Arc<Self>,
        sid: &Sid,
        mailbox: &Arc<Mailbox>,
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
        Ok(Registration { registry, mailbox, sid: sid.clone() })
    }

    pub(crate) fn find(&self, sid: &Sid) -> Option<Arc<Mailbox>> {
        self.sessions().by_sid.get(sid).cloned()
    }

    pub(crate) fn len(&self) -> usize {
        self.sessions().by_sid.len()
    }

    /// Lets no session begin any more, and asks those that live to close.
    pub(crate) fn close(&self) {
        // TODO step 10.5, continued: see `OnCancel::drop` in src/mailbox.rs
        ()
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
}

impl Registration {
    pub(crate) fn sid(&self) -> &Sid {
        &self.sid
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // Whoever waits for an answer, or finds the mailbox at this moment, hears that none will come.
        self.mailbox.close();
        // TODO step 10.5, continued: see `OnCancel::drop` in src/mailbox.rs
        ()
    }
}
