use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use buffering::NoAnswer;
use socketio_packet::{AckId, EncodedPacket};
use tokio::sync::oneshot;

use crate::asker::{Asker, hear};
use crate::peer::Peer;
use crate::{ConnectError, engine::SendError};

/// What a command weighs beside its packet's bytes.
const ROOM: usize = size_of::<Command>();

/// How the handles reach the client's task.
#[derive(Debug)]
pub(crate) struct Link {
    waiting: Mutex<Waiting>,
    max_buffered: usize,
}

/// What the task is to do.
#[derive(Debug)]
pub(crate) enum Command {
    Open { peer: Arc<Peer>, opened: Option<oneshot::Sender<Result<(), ConnectError>>> },
    Emit { peer: Arc<Peer>, packet: EncodedPacket },
    EmitVolatile { peer: Arc<Peer>, packet: EncodedPacket },
    Call { peer: Arc<Peer>, id: AckId, packet: EncodedPacket, deadline: Instant, asker: Asker },
    Retry { peer: Arc<Peer>, id: AckId, packet: EncodedPacket, timeout: Duration, asker: Asker },
    Disconnect { peer: Arc<Peer> },
    Close { closed: oneshot::Sender<()> },
}

#[derive(Debug, Default)]
struct Waiting {
    commands: VecDeque<Command>,
    bytes: usize,
    /// The task, only while it sleeps.
    sleeper: Option<Waker>,
    /// Nobody holds the client any more.
    abandoned: bool,
    /// The task has ended.
    closed: bool,
}

impl Link {
    pub(crate) fn new(max_buffered: usize) -> Self {
        Self { waiting: Mutex::default(), max_buffered }
    }

    /// Hands a command to the task.
    ///
    /// # Errors
    ///
    /// It is dropped if the task has ended, or if too much waits.
    pub(crate) fn push(&self, command: Command) -> Result<(), SendError> {
        let mut waiting = self.waiting();
        if waiting.closed {
            drop(waiting); // the lock goes first, then the command: who asks hears that nobody is there
            return Err(SendError::Closed);
        }
        let bytes = command.size();
        if waiting.bytes + bytes > self.max_buffered {
            drop(waiting);
            command.be_dropped();
            return Err(SendError::Full { limit: self.max_buffered });
        }
        waiting.bytes += bytes;
        waiting.commands.push_back(command);
        let sleeper = waiting.sleeper.take();
        drop(waiting);
        if let Some(sleeper) = sleeper {
            sleeper.wake();
        }
        Ok(())
    }

    /// All that waits.
    pub(crate) fn take(&self) -> VecDeque<Command> {
        let mut waiting = self.waiting();
        waiting.bytes = 0;
        mem::take(&mut waiting.commands)
    }

    /// Leaves the waker of the task here, unless there is something to do.
    pub(crate) fn sleep(&self, cx: &Context<'_>) -> bool {
        let mut waiting = self.waiting();
        if !waiting.commands.is_empty() || waiting.abandoned {
            return false;
        }
        if !waiting.sleeper.as_ref().is_some_and(|sleeper| sleeper.will_wake(cx.waker())) {
            waiting.sleeper = Some(cx.waker().clone());
        }
        true
    }

    /// Nobody will ask for anything any more.
    pub(crate) fn abandon(&self) {
        // ANCHOR: step_18_5_e
        let mut waiting = self.waiting();
        waiting.abandoned = true;
        let sleeper = waiting.sleeper.take();
        drop(waiting);
        if let Some(sleeper) = sleeper {
            sleeper.wake();
        }
        // ANCHOR_END: step_18_5_e
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.waiting().abandoned
    }

    /// Takes nothing more, and forgets what waits.
    pub(crate) fn close(&self) {
        let forgotten = {
            let mut waiting = self.waiting();
            waiting.closed = true;
            waiting.sleeper = None;
            mem::take(&mut waiting.commands)
        };
        drop(forgotten); // who asks hears that nobody is there
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Command {
    /// It is left out. Who asks hears of that.
    fn be_dropped(self) {
        if let Self::Call { asker, .. } | Self::Retry { asker, .. } = self {
            hear(asker, Err(NoAnswer::Dropped));
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Emit { packet, .. }
            | Self::EmitVolatile { packet, .. }
            | Self::Call { packet, .. }
            | Self::Retry { packet, .. } => ROOM + packet.size(),
            // However much waits, it can be ended.
            Self::Open { .. } | Self::Disconnect { .. } | Self::Close { .. } => 0,
        }
    }
}
