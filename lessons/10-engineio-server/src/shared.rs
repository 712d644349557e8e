use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::registry::Registry;
use crate::settings::Settings;

/// What all sessions of a server have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) registry: Arc<Registry>,
    /// The tasks of the sessions.
    tasks: Mutex<JoinSet<()>>,
    stopped: watch::Sender<bool>,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> Self {
        let registry = Arc::new(Registry::new(settings.max_sessions));
        Self { settings, registry, tasks: Mutex::default(), stopped: watch::Sender::new(false) }
    }

    /// A task that ends with the server at the latest. Without a runtime there is nobody to whom it
    /// could say anything: then it is dropped.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks();
        // Asked under the lock: `shut_down` cuts all that was spawned before.
        if *self.stopped.borrow() || Handle::try_current().is_err() {
            // Its drop may spawn in its turn.
            drop(tasks);
            return;
        }
        // What ended meanwhile is forgotten, so that the set does not grow.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// Asks every session to close, and waits until they have, or time is over.
    pub(crate) async fn shut_down(&self) {
        // TODO step 10.5, continued: see `OnCancel::drop` in src/mailbox.rs
        todo!("step 10.5: Nobody is left behind (cargo course hint 10.5)")
    }

    /// Waits until the sessions have ended.
    pub(crate) async fn stopped(&self) {
        let stopped = self.stopped.subscribe().wait_for(|stopped| *stopped).await.map(|_| ());
        stopped.expect("the sender is borrowed here");
    }

    fn tasks(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
