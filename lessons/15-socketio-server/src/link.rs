use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Instant;

use engineio_server::SlowConsumer;
use socketio_packet::{AckId, EncodedPacket};
use socketio_session::{NoAnswer, SocketKey};
use tokio::sync::Notify;

use crate::asker::Asker;
use crate::stats::Counters;

/// For so many commands a connection keeps room.
pub(crate) const FEW: usize = 8;

/// What a command weighs beside its packet's bytes.
const ROOM: usize = size_of::<Command>();

/// How everybody reaches a connection's task: handlers, rooms, other tasks.
#[derive(Debug)]
pub(crate) struct Link {
    outbox: Mutex<Outbox>,
    /// Something is in it. To look here takes no lock.
    filled: AtomicBool,
    /// For those who wait until nothing waits.
    drained: Notify,
    max_buffered: usize,
    policy: SlowConsumer,
    counters: Arc<Counters>,
}

/// What a connection's task is to do.
#[derive(Debug)]
pub(crate) enum Command {
    Send {
        key: SocketKey,
        packet: EncodedPacket,
    },
    /// Dropped if it cannot leave at once.
    SendVolatile {
        key: SocketKey,
        packet: EncodedPacket,
    },
    /// In a box: it is rarer than the others, and would make them as large as itself.
    Call(Box<Question>),
    Disconnect {
        key: SocketKey,
    },
    /// All sockets of the connection, and the connection.
    Close,
}

/// An event that the client is to answer.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) key: SocketKey,
    pub(crate) id: AckId,
    pub(crate) packet: EncodedPacket,
    pub(crate) deadline: Instant,
    pub(crate) asker: Asker,
}

#[derive(Debug, Default)]
struct Outbox {
    commands: VecDeque<Command>,
    bytes: usize,
    /// The task, only while it sleeps.
    sleeper: Option<Waker>,
    /// Somebody waits until nothing waits.
    is_awaited: bool,
    /// Something that was taken from here has not left yet.
    below: bool,
    overflowed: bool,
    closed: bool,
}

/// What a task finds.
pub(crate) enum Taken {
    Commands,
    Nothing,
    /// More was to wait than may: the connection is to end.
    Overflowed,
}

impl Link {
    pub(crate) fn new(max_buffered: usize, policy: SlowConsumer, counters: Arc<Counters>) -> Self {
        let filled = AtomicBool::new(false);
        Self {
            outbox: Mutex::default(),
            filled,
            drained: Notify::new(),
            max_buffered,
            policy,
            counters,
        }
    }

    /// Hands a command to the connection's task. If the connection has ended it is dropped, and an asker
    /// hears of that.
    pub(crate) fn push(&self, command: Command) {
        let mut outbox = self.outbox();
        if outbox.closed {
            return; // the lock goes first, then the command
        }
        let bytes = command.size();
        if outbox.bytes + bytes > self.max_buffered {
            if command.is_volatile() || self.policy == SlowConsumer::DropNewest {
                drop(outbox);
                self.counters.drop_packet();
                return command.be_dropped();
            }
            outbox.overflowed = true;
        } else {
            outbox.bytes += bytes;
            outbox.commands.push_back(command);
        }
        self.filled.store(true, Ordering::Release);
        let sleeper = outbox.sleeper.take();
        drop(outbox);
        if let Some(sleeper) = sleeper {
            sleeper.wake();
        }
    }

    /// The task is awake, whoever woke it.
    pub(crate) fn wake_up(&self) {
        self.outbox().sleeper = None;
    }

    /// Gives the task all that waits, in exchange for an empty queue.
    pub(crate) fn take(&self, commands: &mut VecDeque<Command>) -> Taken {
        // What comes behind this look, the task finds before it sleeps.
        if !self.filled.load(Ordering::Acquire) {
            return Taken::Nothing;
        }
        let mut outbox = self.outbox();
        if mem::take(&mut outbox.overflowed) {
            return Taken::Overflowed;
        }
        self.filled.store(false, Ordering::Relaxed);
        if outbox.commands.is_empty() {
            return Taken::Nothing;
        }
        outbox.below = true;
        outbox.bytes = 0;
        mem::swap(&mut outbox.commands, commands);
        Taken::Commands
    }

    /// The task is about to sleep, and `buffered` says whether something waits below. Whether it may: not if
    /// something came meanwhile.
    pub(crate) fn sleep(&self, cx: &Context<'_>, buffered: bool) -> bool {
        let mut outbox = self.outbox();
        if !outbox.fall_asleep(cx.waker()) {
            return false;
        }
        outbox.commands.shrink_to(FEW); // it may be the one into which many were taken
        outbox.below = buffered;
        let is_awaited = !buffered && mem::take(&mut outbox.is_awaited);
        drop(outbox);
        if is_awaited {
            self.drained.notify_waiters();
        }
        true
    }

    /// Waits until all that was sent has left, or the connection has ended.
    pub(crate) async fn drained(&self) {
        loop {
            // It hears of what happens from here on, before it is polled.
            let drained = self.drained.notified();
            if self.outbox().is_drained() {
                return;
            }
            drained.await;
        }
    }

    /// Takes nothing more, and forgets what waits.
    pub(crate) fn close(&self) {
        let forgotten = {
            let mut outbox = self.outbox();
            outbox.closed = true;
            outbox.sleeper = None;
            mem::take(&mut outbox.commands)
        };
        drop(forgotten);
        self.drained.notify_waiters();
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbox {
    /// Whether nothing waits, or never will. Otherwise it is known that somebody waits for that.
    fn is_drained(&mut self) -> bool {
        let is_drained = self.closed || (self.commands.is_empty() && !self.below);
        self.is_awaited |= !is_drained;
        is_drained
    }

    /// Leaves the waker of the task here, unless there is something to do.
    fn fall_asleep(&mut self, waker: &Waker) -> bool {
        // TODO step 15.2: To others
        //
        // Each connection has one task, and nobody else touches its session. Whoever wants
        // something of another connection pushes a command into its `Link`, and the task has to
        // wake up. Until now it does so at the next ping.
        //
        // `fall_asleep` is called when the task has found nothing more to do. If a command came
        // meanwhile, or too many did (`overflowed`), it answers `false`: look again. Otherwise it
        // leaves the task's waker in `sleeper`, where `Link::push` will take it, and answers
        // `true`.
        //
        // `peers` says whom the selection means now: a list of its own, so that the rooms are not
        // locked while each is told. `send` pushes the packet to each of them; all share its bytes.
        // It is `SendVolatile` if the broadcast is. `Socket::broadcast`, made with
        // `Broadcast::new`, means everybody in the namespace but this socket. (Socket.IO,
        // "Broadcasting events")
        //
        // Stuck? cargo course hint 15.2
        true
    }
}

impl Command {
    fn is_volatile(&self) -> bool {
        match self {
            Self::SendVolatile { .. } => true,
            Self::Call(question) => question.asker.is_volatile(),
            _ => false,
        }
    }

    /// It is left out. Who asked hears of that.
    fn be_dropped(self) {
        if let Self::Call(question) = self {
            question.asker.hear(Err(NoAnswer::Dropped));
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Send { packet, .. } | Self::SendVolatile { packet, .. } => ROOM + packet.size(),
            Self::Call(question) => ROOM + size_of::<Question>() + question.packet.size(),
            // However much waits, it can be ended.
            Self::Disconnect { .. } | Self::Close => 0,
        }
    }
}
