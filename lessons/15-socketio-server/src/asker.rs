use std::sync::Arc;

use socketio_packet::RawArgs;
use socketio_session::NoAnswer;
use tokio::sync::oneshot;

use crate::call_all::Collector;

/// Who waits for a client's answer.
#[derive(Debug)]
pub(crate) enum Asker {
    /// One call, to one socket.
    One(oneshot::Sender<Result<RawArgs, NoAnswer>>),
    /// A call to many.
    Many(Arc<Collector>),
}

impl Asker {
    pub(crate) fn hear(self, answer: Result<RawArgs, NoAnswer>) {
        match self {
            // Whoever asked may have given up.
            Self::One(asker) => drop(asker.send(answer)),
            Self::Many(collector) => collector.hear(answer),
        }
    }
}
