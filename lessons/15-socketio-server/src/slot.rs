use std::collections::VecDeque;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use socketio_packet::EncodedPacket;
use socketio_rooms::LostSession;
use socketio_session::{AckToken, DisconnectReason, Refusal, SocketId, SocketKey};
use tracing::debug;

use crate::answer::Answer;
use crate::gate::{Gate, User};
use crate::handler::BoxFuture;
use crate::handlers::Handlers;
use crate::inner::Inner;
use crate::link::Link;
use crate::namespaces::Visit;
use crate::peer::Peer;
use crate::recovery;
use crate::running::Running;
use crate::{Event, Handshake, Problem};

/// One socket, in the hands of its connection's task.
pub(crate) struct Slot {
    pub(crate) key: SocketKey,
    part: Part,
}

enum Part {
    /// Somebody is asked whether it may come in.
    Admitting {
        visit: Visit,
        handlers: Arc<Handlers>,
        handshake: Handshake,
        asked: BoxFuture<Result<User, Refusal>>,
    },
    Member(Member),
    /// Only while one becomes the other.
    Nothing,
}

struct Member {
    peer: Arc<Peer>,
    /// Until it has left.
    visit: Option<Visit>,
    handlers: Arc<Handlers>,
    running: Vec<Running>,
    backlog: VecDeque<Work>,
    /// Whether what runs is `on_connect`: nothing else runs beside it.
    starting: bool,
}

/// What a socket's handlers are to do.
pub(crate) enum Work {
    Event { event: Event, ack: Option<AckToken> },
    Left { reason: DisconnectReason },
}

/// What became of the question who a client is.
pub(crate) enum Admission {
    Pending,
    Decided(Result<User, Refusal>),
    Panicked(Problem),
    /// It is not asked any more.
    Over,
}

pub(crate) struct Admitted {
    pub(crate) peer: Arc<Peer>,
    /// What was said while the client was away.
    pub(crate) missed: Vec<EncodedPacket>,
    pub(crate) starting: Option<Running>,
}

impl Slot {
    pub(crate) fn new(
        key: SocketKey,
        visit: Visit,
        handlers: Arc<Handlers>,
        gate: Arc<Gate>,
        handshake: Handshake,
    ) -> Self {
        let asked = Box::pin(gate.pass(handshake.clone()));
        Self { key, part: Part::Admitting { visit, handlers, handshake, asked } }
    }

    /// How much of what its client said when it asked is kept with it.
    pub(crate) fn size(&self) -> usize {
        self.handshake().map_or(0, Handshake::size)
    }

    pub(crate) fn handshake(&self) -> Option<&Handshake> {
        match &self.part {
            Part::Admitting { handshake, .. } => Some(handshake),
            Part::Member(member) => Some(&member.peer.handshake),
            Part::Nothing => None,
        }
    }

    /// Whether nothing is left to do. Who waits for an answer at the end of the connection gets none.
    pub(crate) fn is_over(&self, ending: bool) -> bool {
        match &self.part {
            Part::Member(Member { visit, running, backlog, .. }) => {
                visit.is_none() && running.is_empty() && backlog.is_empty()
            }
            _ => ending,
        }
    }

    pub(crate) fn poll_admission(&mut self, cx: &mut Context<'_>) -> Admission {
        let Part::Admitting { asked, .. } = &mut self.part else { return Admission::Over };
        match catch_unwind(AssertUnwindSafe(|| asked.as_mut().poll(cx))) {
            Ok(Poll::Pending) => Admission::Pending,
            Ok(Poll::Ready(user)) => Admission::Decided(user),
            Err(_) => Admission::Panicked(Problem::Panicked { name: "auth".to_owned() }),
        }
    }

    /// The client is in, and `on_connect` begins.
    /// `has_room` says whether all that it missed may be sent.
    pub(crate) fn admit(
        &mut self,
        user: User,
        link: &Arc<Link>,
        has_room: impl FnOnce(&[EncodedPacket]) -> bool,
    ) -> Admitted {
        let Part::Admitting { visit, handlers, handshake, .. } =
            mem::replace(&mut self.part, Part::Nothing)
        else {
            unreachable!("only who asks is admitted")
        };
        let id = SocketId::from_random(rand::random()); // no secret
        let nsp = Arc::clone(&visit.inner);
        let mut peer =
            Peer::new(id, self.key, Arc::clone(&nsp), Arc::clone(link), handshake.clone(), user);
        let (peer, missed) = match nsp.recovery() {
            Some(recovery) => recovery.let_in(&nsp, &handshake, has_room, |restored| {
                let (rooms, missed) = peer.recover(restored);
                (enter(peer, &rooms), missed)
            }),
            None => (enter(peer, &[]), Vec::new()),
        };
        let starting = Running::connect(&peer, &handlers);
        let admitted = Arc::clone(&peer);
        self.part = Part::Member(Member {
            peer,
            visit: Some(visit),
            handlers,
            running: Vec::new(),
            backlog: VecDeque::new(),
            starting: starting.is_some(),
        });
        Admitted { peer: admitted, missed, starting }
    }

    /// It is no more, and its client may come back as who it was when the connection broke.
    pub(crate) fn end(&mut self, reason: &DisconnectReason) -> Option<Problem> {
        if let Part::Member(Member { peer, .. }) = &self.part {
            let (nsp, socket) = (peer.nsp.name.beginning(), &peer.id);
            debug!(?nsp, %socket, reason = reason.reference_name(), why = ?reason.to_string(), "left");
        }
        let lost = self.lost(reason);
        let panicked = self.leave(reason);
        // Not before: the client may be back at once, under the same id.
        if let Some((nsp, session)) = lost
            && let Some(recovery) = nsp.recovery()
        {
            recovery.store(&nsp, session);
        }
        panicked
    }

    fn lost(&self, reason: &DisconnectReason) -> Option<(Arc<Inner>, LostSession)> {
        let Part::Member(Member { peer, .. }) = &self.part else { return None };
        Some((Arc::clone(&peer.nsp), recovery::lost(peer, reason)?))
    }

    /// It is no more: it is in no room from here on.
    fn leave(&mut self, reason: &DisconnectReason) -> Option<Problem> {
        let Part::Member(member) = &mut self.part else { return None };
        // TODO step 15.5, continued: see `Gate::pass` in src/gate.rs
        None
    }

    /// Whether somebody wants to know what it is sent.
    pub(crate) fn is_overheard(&self) -> bool {
        matches!(&self.part, Part::Member(member) if !member.handlers.outgoing.is_empty())
    }

    /// It is being sent an event.
    pub(crate) fn tell_outgoing(&self, packet: &EncodedPacket) -> Option<Problem> {
        let Part::Member(Member { peer, handlers, .. }) = &self.part else { return None };
        let event = peer.nsp.read_back(packet)?;
        let tell = AssertUnwindSafe(|| {
            for outgoing in &handlers.outgoing {
                outgoing(peer, &event);
            }
        });
        let panicked = catch_unwind(tell).is_err();
        panicked.then(|| Problem::Panicked { name: "any outgoing".to_owned() })
    }

    /// Begins something, or puts it behind what is before it: then it says how much waits more.
    pub(crate) fn start(&mut self, work: Work) -> Result<Option<Running>, usize> {
        let Part::Member(member) = &mut self.part else { return Ok(None) };
        if member.backlog.is_empty() && member.may_begin(&work) {
            return Ok(member.begin(work));
        }
        let work = work.detached();
        let size = work.size();
        member.backlog.push_back(work);
        Err(size)
    }

    /// Begins what waits longest, if it may begin.
    pub(crate) fn start_next(&mut self) -> Option<(usize, Option<Running>)> {
        let Part::Member(member) = &mut self.part else { return None };
        // TODO step 15.4, continued: see `Member::may_begin` in src/slot.rs
        None
    }

    pub(crate) fn keep(&mut self, mut running: Running) {
        if let Part::Member(member) = &mut self.part {
            running.detach();
            member.running.push(running);
        }
    }

    /// Polls what runs, until one is done.
    pub(crate) fn poll_running(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Option<(Running, Result<Answer, Problem>)> {
        let Part::Member(member) = &mut self.part else { return None };
        // TODO step 15.4, continued: see `Member::may_begin` in src/slot.rs
        None
    }
}

impl Member {
    fn may_begin(&self, work: &Work) -> bool {
        // TODO step 15.4: In order
        //
        // A handler is polled once, where its event came. Nearly all are done then, and cost no
        // task and no queue. Until now one that is not is never polled again.
        //
        // `poll_running` polls the socket's handlers that are under way, until one is done, and
        // takes that one out. `may_begin` says whether a piece of work may begin now: an event, if
        // no more handlers run than `handlers.beside` allows (0, so that events are handled in
        // order), and none while what runs is `on_connect` (`starting` says so, also when it has
        // just ended); that a socket has left, when nothing runs. `start_next` begins the work that
        // has waited longest, if it may begin, and says how many bytes waited for it; a backlog
        // that is empty then gives its memory back.
        //
        // What waits takes memory, and the client decides how much. `may_read` stops the reading at
        // `max_pending` bytes: TCP then holds the client back. But a handler that awaits an answer
        // of this client waits for something that is still to be read.
        //
        // Stuck? cargo course hint 15.4
        true
    }

    fn begin(&mut self, work: Work) -> Option<Running> {
        self.starting = false;
        match work {
            Work::Event { event, ack } => {
                Some(Running::event(&self.peer, &self.handlers, event, ack))
            }
            Work::Left { reason } => Running::disconnect(&self.peer, &self.handlers, reason),
        }
    }
}

/// From here on it is in the room of its own id, and in those where it was.
fn enter(peer: Peer, rooms_before: &[String]) -> Arc<Peer> {
    let peer = Arc::new(peer);
    let mut rooms = peer.nsp.rooms();
    rooms.insert(peer.id.clone(), Arc::clone(&peer));
    for room in rooms_before {
        rooms.join(peer.id.as_str(), room);
    }
    drop(rooms);
    peer
}

/// A task may be cut off before its sockets have left.
impl Drop for Member {
    fn drop(&mut self) {
        if self.visit.is_some() {
            self.peer.leave();
            self.peer.nsp.rooms().remove(self.peer.id.as_str());
        }
    }
}

impl Work {
    /// The same, and the message that it came in need not stay: only what is counted is kept.
    fn detached(self) -> Self {
        match self {
            Self::Event { event, ack } => Self::Event { event: event.detached(), ack },
            Self::Left { .. } => self,
        }
    }

    fn size(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Event { event, .. } => event.name.len() + event.args.size(),
                Self::Left { .. } => 0,
            }
    }
}
