use std::collections::VecDeque;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use buffering::Mailroom;
use serde_json::{Map, Value};
use socketio_packet::{AckId, EncodedPacket};
use socketio_server::{Answer, Event};
use socketio_session::SocketId;
use tokio::sync::oneshot;

use crate::asker::Asker;
use crate::handlers::{BoxFuture, handle, tell};
use crate::peer::Peer;
use crate::{Client, ConnectError, DisconnectReason, Problem, Socket, State, offset};

/// One namespace, in the hands of the client's task.
pub(crate) struct Slot {
    pub(crate) peer: Arc<Peer>,
    pub(crate) mailroom: Mailroom<EncodedPacket, Received, Asker>,
    pub(crate) phase: Phase,
    /// Who waits to be connected.
    opened: Vec<oneshot::Sender<Result<(), ConnectError>>>,
    recovery: Option<Recovery>,
    running: Option<Running>,
    backlog: VecDeque<Work>,
    /// How many bytes of events the backlog is.
    pub(crate) pending: usize,
}

/// How far a socket is.
pub(crate) enum Phase {
    /// Nobody wants it.
    Idle,
    /// It is wanted, and there is no connection.
    Waiting,
    /// The application is asked what to show.
    Asking(BoxFuture<Option<Value>>),
    /// The server is asked.
    Asked,
    Connected,
    /// The server was asked, and it is not wanted any more, or not that way: its reply has to be heard first, since a
    /// server that has not said yes ends the connection over a goodbye.
    Leaving {
        again: bool,
    },
}

/// By what the server knows a socket that comes back.
struct Recovery {
    pid: String,
    /// Of the last event that came.
    offset: Option<String>,
}

/// An event that came.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) event: Event,
    pub(crate) ack: Option<AckId>,
    /// Since it came its socket has been lost: nobody waits for an answer.
    pub(crate) is_late: bool,
}

impl Received {
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.event.name.len() + self.event.args.size()
    }
}

enum Work {
    Event(Received),
    Connected,
    NotConnected(ConnectError),
    Left(DisconnectReason),
}

struct Running {
    name: String,
    future: BoxFuture<Answer>,
    is_late: bool,
}

impl Slot {
    pub(crate) fn new(peer: Arc<Peer>, config: &buffering::Config) -> Self {
        Self {
            peer,
            mailroom: Mailroom::new(config),
            phase: Phase::Idle,
            opened: Vec::new(),
            recovery: None,
            running: None,
            backlog: VecDeque::new(),
            pending: 0,
        }
    }

    pub(crate) fn is_wanted(&self) -> bool {
        !matches!(self.phase, Phase::Idle | Phase::Leaving { again: false })
    }

    /// It is to be connected.
    pub(crate) fn want(&mut self, opened: Option<oneshot::Sender<Result<(), ConnectError>>>) {
        if matches!(self.phase, Phase::Connected) {
            if let Some(opened) = opened {
                let _ = opened.send(Ok(()));
            }
            return;
        }
        self.opened.extend(opened);
        self.phase = match self.phase {
            Phase::Idle => Phase::Waiting,
            Phase::Leaving { .. } => Phase::Leaving { again: true },
            _ => return,
        };
        self.peer.state.send_replace(State::Connecting);
    }

    /// There is a connection: the application is asked what to show.
    pub(crate) fn begin(&mut self) {
        // TODO step 18.2: Ask, and be let in
        //
        // A connection carries many namespaces, and each is asked for on its own. `begin` is called
        // when there is a connection: the phase becomes `Asking`, with the future of what to show.
        // The application is asked anew each time, because a token does not live for ever; if it
        // never said what to show, the future gives `None`. It is asked inside the future, where a
        // panic of its own is caught. (`poll_asking`, below, sends the CONNECT when the future is
        // done.)
        //
        // `connected` is called at the server's yes: the phase, the state that everybody can watch,
        // and the mailroom of lesson 17 have to know. The mailroom then says, one after the other,
        // what came too early, what waited to be sent, and at last `Connected`: that is when
        // `is_through` is called. It answers whoever waits in `opened`, and puts `Work::Connected`
        // behind what came before, so that `on_connect` runs in its turn. (Socket.IO protocol,
        // "Connection to a namespace")
        //
        // Stuck? cargo course hint 18.2
        ()
    }

    /// What to show, once the application has said it. A panic there is its refusal.
    pub(crate) fn poll_asking(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Value>, Problem>> {
        let Phase::Asking(asked) = &mut self.phase else { return Poll::Pending };
        let polled = catch_unwind(AssertUnwindSafe(|| asked.as_mut().poll(cx)));
        if let Ok(Poll::Pending) = polled {
            return Poll::Pending;
        }
        self.phase = Phase::Asked;
        let auth = match polled {
            Ok(Poll::Ready(Some(Value::Object(auth)))) => Some(auth),
            Ok(Poll::Ready(Some(came))) if !came.is_null() => {
                return Poll::Ready(Err(Problem::Auth { came }));
            }
            Ok(_) => None,
            Err(_) => return Poll::Ready(Err(Problem::Panicked { name: "auth".to_owned() })),
        };
        Poll::Ready(Ok(self.with_recovery(auth).map(Value::Object)))
    }

    /// What to show, and by what the server may know us again.
    fn with_recovery(&self, auth: Option<Map<String, Value>>) -> Option<Map<String, Value>> {
        // TODO step 18.4, continued: see `reason_of` in src/worker/dialling.rs
        auth
    }

    /// The server says yes.
    pub(crate) fn connected(&mut self, id: SocketId, pid: Option<String>, now: std::time::Instant) {
        let recovered = self.is_known_as(pid);
        // TODO step 18.2, continued: see `Slot::begin` in src/slot.rs
        todo!("step 18.2: Ask, and be let in (cargo course hint 18.2)")
    }

    /// Whether the server knows us again. From now on it knows us as `pid`, if it remembers at all.
    fn is_known_as(&mut self, pid: Option<String>) -> bool {
        let recovered = pid.is_some() && pid == self.recovery.as_ref().map(|it| it.pid.clone());
        if !recovered {
            self.recovery = pid.map(|pid| Recovery { pid, offset: None });
        }
        recovered
    }

    /// And all that waited is on its way.
    pub(crate) fn is_through(&mut self) {
        // TODO step 18.2, continued: see `Slot::begin` in src/slot.rs
        todo!("step 18.2: Ask, and be let in (cargo course hint 18.2)")
    }

    /// It was not connected, this time.
    pub(crate) fn not_connected(&mut self, error: &ConnectError) {
        for opened in self.opened.drain(..) {
            let _ = opened.send(Err(error.clone()));
        }
        self.backlog.push_back(Work::NotConnected(error.clone()));
    }

    /// We are not wanted there any more, and the server has not replied yet.
    pub(crate) fn leave_later(&mut self) {
        self.lost(DisconnectReason::ByClient, false);
        self.phase = Phase::Leaving { again: false };
    }

    /// The connection broke, or somebody ended it. If it is `wanted` it will be connected again.
    pub(crate) fn lost(&mut self, reason: DisconnectReason, wanted: bool) {
        // TODO step 18.4, continued: see `reason_of` in src/worker/dialling.rs
        ()
    }

    /// Handlers go on, and answer nobody: before the yes an answer would end the connection, and after it be taken for
    /// another's.
    fn forget_askers(&mut self) {
        if let Some(running) = &mut self.running {
            running.is_late = true;
        }
        for work in &mut self.backlog {
            if let Work::Event(received) = work {
                received.is_late = true;
            }
        }
    }

    pub(crate) fn received(&mut self, mut received: Received) {
        if let Some(recovery) = &mut self.recovery
            && received.ack.is_none()
        {
            let (args, offset) = offset::split(mem::take(&mut received.event.args));
            received.event.args = args;
            recovery.offset = offset.or(recovery.offset.take());
        }
        self.pending += received.size();
        self.backlog.push_back(Work::Event(received));
    }

    /// Lets handlers go on, and begins with the next, in order. The answer of one that is done.
    pub(crate) fn poll_running(
        &mut self,
        client: Option<&Client>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Answer, Problem>> {
        loop {
            if let Some(mut running) = self.running.take() {
                let future = running.future.as_mut();
                return Poll::Ready(match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
                    Ok(Poll::Pending) => {
                        self.running = Some(running);
                        return Poll::Pending;
                    }
                    Ok(Poll::Ready(_)) if running.is_late => Ok(Answer::none()),
                    Ok(Poll::Ready(answer)) => Ok(answer),
                    Err(_) => Err(Problem::Panicked { name: running.name }),
                });
            }
            let Some(work) = self.backlog.pop_front() else { return Poll::Pending };
            if let Work::Event(received) = &work {
                self.pending -= received.size();
            }
            let Some(client) = client else { continue };
            let socket = Socket::new(client.clone(), Arc::clone(&self.peer));
            self.running = Some(start(socket, work));
        }
    }

    /// Whether an event that comes now is not handled at once.
    pub(crate) fn would_wait(&self) -> bool {
        self.is_busy() || !self.mailroom.is_connected()
    }

    /// Whether a handler has begun, or is to.
    pub(crate) fn is_busy(&self) -> bool {
        self.running.is_some() || !self.backlog.is_empty()
    }
}

fn start(socket: Socket, work: Work) -> Running {
    let peer = Arc::clone(socket.peer());
    let handlers = peer.handlers();
    let is_late = matches!(&work, Work::Event(received) if received.is_late);
    let (name, future): (String, BoxFuture<Answer>) = match work {
        Work::Event(Received { event, ack, .. }) => {
            (event.name.to_string(), Box::pin(handle(socket, event, ack)))
        }
        Work::Connected => {
            ("connect".to_owned(), Box::pin(tell(handlers.connect.clone(), socket, ())))
        }
        Work::NotConnected(error) => (
            "connect_error".to_owned(),
            Box::pin(tell(handlers.connect_error.clone(), socket, error)),
        ),
        Work::Left(reason) => {
            ("disconnect".to_owned(), Box::pin(tell(handlers.disconnect.clone(), socket, reason)))
        }
    };
    Running { name, future, is_late }
}
