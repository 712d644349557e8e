use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use reconnection::ManagerEvent;
use socketio_packet::Namespace;
use tokio::sync::broadcast;

use crate::events::KEPT;
use crate::link::Link;
use crate::peer::Peer;
use crate::settings::Settings;
use crate::worker::work;
use crate::{Client, Problem};

/// What the handles and the task of a client have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) engine: engineio_client::Client,
    pub(crate) link: Link,
    pub(crate) events: broadcast::Sender<ManagerEvent>,
    sockets: Mutex<Sockets>,
}

#[derive(Debug, Default)]
struct Sockets {
    by_nsp: HashMap<Namespace, Arc<Peer>>,
    /// Whether there is a task.
    has_begun: bool,
}

impl Shared {
    pub(crate) fn new(engine: engineio_client::Client, settings: Settings) -> Arc<Self> {
        let link = Link::new(settings.max_buffered);
        let (events, _) = broadcast::channel(KEPT);
        Arc::new(Self { settings, engine, link, events, sockets: Mutex::default() })
    }

    /// The socket of a namespace: there is one.
    pub(crate) fn peer(&self, nsp: Namespace) -> Arc<Peer> {
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(sockets.by_nsp.entry(nsp).or_insert_with_key(|nsp| Arc::new(Peer::new(nsp))))
    }

    /// Starts the task, unless it runs.
    pub(crate) fn begin(self: &Arc<Self>, client: &Client) {
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        if !sockets.has_begun {
            tokio::spawn(work(Arc::clone(self), client.downgrade()));
            sockets.has_begun = true;
        }
    }

    pub(crate) fn report(&self, problem: &Problem) {
        (self.settings.on_problem)(problem);
    }
}
