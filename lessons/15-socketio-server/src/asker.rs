use std::sync::Arc;

use socketio_packet::RawArgs;
use socketio_session::NoAnswer;
use tokio::sync::oneshot;

use crate::call_all::Collector;

/// Who waits for a client's answer.
#[derive(Debug)]
pub(crate) enum Asker {
    /// One call, to one socket.
    One(oneshot::Sender<Heard>),
    /// A call to many.
    Many(Arc<Collector>),
}

/// What became of a question, and of its answer.
pub(crate) type Heard = Result<RawArgs, NoAnswer>;

impl Asker {
    pub(crate) fn hear(self, heard: Heard) {
        match self {
            // Whoever asked may have given up.
            Self::One(asker) => drop(asker.send(heard)),
            Self::Many(collector) => collector.hear(heard),
        }
    }

    /// Whether the question is not to be asked if it cannot leave at once.
    pub(crate) fn is_volatile(&self) -> bool {
        matches!(self, Self::Many(collector) if collector.volatile)
    }

    /// Whether whoever asked has not given up.
    pub(crate) fn listens(&self) -> bool {
        match self {
            Self::One(asker) => !asker.is_closed(),
            Self::Many(collector) => collector.listens(),
        }
    }
}
