use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use engineio_server::SlowConsumer;
use socketio_packet::{Json, Parser};
use socketio_session::Config;

use crate::Problem;
use crate::adapter::{Adapter, Alone};
use crate::recovery::Recovery;

/// What the protocol itself says, that a client is in or out, is never dropped: the Engine.IO server
/// below keeps room for it beyond `max_buffered`.
pub(crate) const RESERVE: usize = 16 << 10;

/// How a server and its connections go.
pub(crate) struct Settings {
    pub(crate) parser: Arc<dyn Parser>,
    pub(crate) adapter: Arc<dyn Adapter>,
    pub(crate) recovery: Option<Arc<Recovery>>,
    pub(crate) session: Config,
    pub(crate) call_timeout: Duration,
    pub(crate) max_buffered: usize,
    pub(crate) slow_consumer: SlowConsumer,
    pub(crate) max_pending: usize,
    /// The longest message; and how much of its CONNECTs a connection may make us keep.
    pub(crate) max_payload: usize,
    pub(crate) on_problem: Box<dyn Fn(&Problem) + Send + Sync>,
}

impl Settings {
    pub(crate) fn report(&self, problem: &Problem) {
        (self.on_problem)(problem);
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            parser: Arc::new(Json::default()),
            adapter: Arc::new(Alone),
            recovery: None,
            session: Config::default(),
            call_timeout: Duration::from_secs(10),
            max_buffered: 16 << 20,
            slow_consumer: SlowConsumer::default(),
            max_pending: 4_000_000,
            max_payload: 1_000_000,
            on_problem: Box::new(|problem| tracing::warn!("{problem}")),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("parser", &self.parser)
            .field("adapter", &self.adapter)
            .field("recovery", &self.recovery)
            .field("session", &self.session)
            .field("call_timeout", &self.call_timeout)
            .field("max_buffered", &self.max_buffered)
            .field("slow_consumer", &self.slow_consumer)
            .field("max_pending", &self.max_pending)
            .field("max_payload", &self.max_payload)
            .finish_non_exhaustive()
    }
}
