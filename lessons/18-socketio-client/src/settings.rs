use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reconnection::Reconnection;
use socketio_packet::{Json, Parser};

use crate::Problem;

/// How a client goes.
pub(crate) struct Settings {
    pub(crate) parser: Arc<dyn Parser>,
    pub(crate) reconnection: Reconnection,
    pub(crate) buffering: buffering::Config,
    /// Whether every event is sent until it is answered.
    pub(crate) retries: bool,
    /// How long a call waits for its answer.
    pub(crate) call_timeout: Duration,
    pub(crate) max_pending: usize,
    pub(crate) max_buffered: usize,
    pub(crate) on_problem: Box<dyn Fn(&Problem) + Send + Sync>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            parser: Arc::new(Json::default()),
            reconnection: Reconnection::default(),
            buffering: buffering::Config::default(),
            retries: false,
            call_timeout: Duration::from_secs(10),
            max_pending: 4_000_000,
            max_buffered: 16 << 20,
            on_problem: Box::new(|problem| tracing::warn!("{problem}")),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("parser", &self.parser)
            .field("reconnection", &self.reconnection)
            .field("buffering", &self.buffering)
            .field("retries", &self.retries)
            .field("call_timeout", &self.call_timeout)
            .field("max_pending", &self.max_pending)
            .field("max_buffered", &self.max_buffered)
            .finish_non_exhaustive()
    }
}
