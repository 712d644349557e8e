use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::registry::Registry;
use crate::settings::Settings;
use crate::stats::Counters;
use crate::stop::Stop;

/// What all sessions of a server have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) registry: Arc<Registry>,
    pub(crate) counters: Arc<Counters>,
    /// How many tasks of sessions live. It keeps nothing of those that have ended.
    tasks: TaskTracker,
    pub(crate) stop: Arc<Stop>,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> Self {
        let counters = Arc::<Counters>::default();
        let registry = Arc::new(Registry::new(settings.max_sessions, Arc::clone(&counters)));
        Self { settings, registry, counters, tasks: TaskTracker::new(), stop: Arc::default() }
    }

    /// A task that ends with the server at the latest. Without a runtime there is nobody to whom it
    /// could say anything: then it is dropped.
    ///
    /// No lock is held: a runtime that ends drops the task at once, and its drop may spawn in its turn.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if self.can_spawn() {
            self.tasks.spawn(self.stop.cut(task));
        }
    }

    /// As [`spawn`](Self::spawn), for what is most often done at the first try, without a task,
    /// and has so much time otherwise.
    pub(crate) fn do_or_spawn(
        &self,
        task: impl Future<Output = ()> + Send + 'static,
        limit: Duration,
    ) {
        if self.can_spawn() {
            let mut task = Box::pin(task);
            if task.as_mut().now_or_never().is_none() {
                // The clock only now: that of a runtime that has ended panics, and its tasks are dropped.
                self.tasks.spawn(self.stop.cut(timeout(limit, task)));
            }
        }
    }

    fn can_spawn(&self) -> bool {
        !self.stop.is_stopped() && Handle::try_current().is_ok()
    }

    /// Asks every session to close, and waits until they have, or time is over.
    pub(crate) async fn shut_down(&self) {
        // ANCHOR: step_10_5_d
        self.registry.close();
        self.tasks.close();
        // Over time or not: what is left is cut.
        let _ = timeout(self.settings.shutdown_timeout, self.tasks.wait()).await;
        self.stop.stop();
        // ANCHOR_END: step_10_5_d
    }
}
