use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::future::FutureExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::registry::Registry;
use crate::settings::Settings;

/// What all sessions of a server have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) registry: Arc<Registry>,
    /// How many tasks of sessions live. It keeps nothing of those that have ended.
    tasks: TaskTracker,
    stopped: CancellationToken,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> Self {
        let registry = Arc::new(Registry::new(settings.max_sessions));
        let (tasks, stopped) = (TaskTracker::new(), CancellationToken::new());
        Self { settings, registry, tasks, stopped }
    }

    /// A task that ends with the server at the latest. Without a runtime there is nobody to whom it
    /// could say anything: then it is dropped.
    ///
    /// No lock is held: a runtime that ends drops the task at once, and its drop may spawn in its turn.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if self.stopped.is_cancelled() || Handle::try_current().is_err() {
            return;
        }
        // A token of its own: one for all would be a lock that every poll of every session takes.
        self.tasks.spawn(task.with_cancellation_token_owned(self.stopped.child_token()));
    }

    /// Asks every session to close, and waits until they have, or time is over.
    pub(crate) async fn shut_down(&self) {
        // TODO step 10.5, continued: see `OnCancel::drop` in src/mailbox.rs
        todo!("step 10.5: Nobody is left behind (cargo course hint 10.5)")
    }

    /// Waits until the sessions have ended.
    pub(crate) async fn stopped(&self) {
        self.stopped.cancelled().await;
    }
}
