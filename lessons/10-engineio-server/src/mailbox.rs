use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use engineio_packet::ByteString;
use engineio_session::Rejected;
use tokio::sync::oneshot;

use crate::driver::GetReply;
use crate::socket::Socket;

/// What others bring to a session's task.
///
/// A session that polls is spoken to over many connections, each with a task of its own. They put what
/// came here and wait for the answer; only the session's task touches the session.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// A GET, to be answered when there is something to say.
    Get(GetReply),
    /// The client left before its GET was answered.
    GetCancelled,
    /// A POST, all of it.
    Post(ByteString, oneshot::Sender<Result<(), Rejected>>),
    /// A POST whose body is not there yet. No more than its first piece is read before the answer: while
    /// the application is busy, the rest waits where it is.
    PostBegan(oneshot::Sender<Result<(), Rejected>>),
    /// The body of the POST that began.
    PostBody(ByteString, oneshot::Sender<Result<(), Rejected>>),
    /// The client left before its POST had ended.
    PostCancelled,
    /// The body of the POST was refused.
    PostRefused,
    /// A WebSocket that asks for this session. It goes back if the session does not take it.
    WebSocket(Box<Socket>, oneshot::Sender<Box<Socket>>),
    /// The server stops.
    Close,
}

/// Anyone may put something in; only the session's task takes it out.
#[derive(Debug, Default)]
pub(crate) struct Mailbox(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    deliveries: VecDeque<Delivery>,
    /// There only while the session's task sleeps.
    sleeper: Option<Waker>,
    closed: bool,
}

impl Mailbox {
    /// Puts something in. If the session is gone it is dropped, and whoever waits for an answer hears
    /// of it by that.
    pub(crate) fn push(&self, delivery: Delivery) {
        // TODO step 10.2, continued: see `admit_to_session` in src/admission.rs
        todo!("step 10.2: A request finds its session (cargo course hint 10.2)")
    }

    /// Takes the oldest delivery, or leaves the task's waker here.
    pub(crate) fn poll_take(&self, cx: &mut Context<'_>) -> Poll<Delivery> {
        // TODO step 10.2, continued: see `admit_to_session` in src/admission.rs
        Poll::Pending
    }

    /// Takes nothing more, and forgets what waits.
    pub(crate) fn close(&self) {
        let forgotten = {
            let mut waiting = self.waiting();
            waiting.closed = true;
            waiting.sleeper = None;
            std::mem::take(&mut waiting.deliveries)
        };
        drop(forgotten);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts something into the mailbox when it is dropped, unless it was disarmed: a future that is dropped
/// runs no more code but this.
#[derive(Debug)]
pub(crate) struct OnCancel {
    mailbox: Arc<Mailbox>,
    delivery: Option<Delivery>,
}

impl OnCancel {
    pub(crate) fn new(mailbox: Arc<Mailbox>, delivery: Delivery) -> Self {
        Self { mailbox, delivery: Some(delivery) }
    }

    /// Nothing is to be told.
    pub(crate) fn disarm(mut self) {
        self.delivery = None;
    }
}

impl Drop for OnCancel {
    fn drop(&mut self) {
        // TODO step 10.5: Nobody is left behind
        //
        // Until now a client that leaves while its GET waits is noticed after 45 seconds, a session
        // that ends stays in the registry, and a server that stops says nothing.
        //
        // hyper drops the future that answers a request when the client leaves: `OnCancel::drop`
        // puts its delivery into the mailbox, if there still is one.
        //
        // `Registration::drop` removes the session's entry, and gives memory back when the map
        // holds more than `SPARSE` times what it needs.
        //
        // `Registry::close` lets no session begin any more and puts `Delivery::Close` into every
        // mailbox. `shut_down` does that, waits until no task is left, at most `shutdown_timeout`,
        // and then says that the server has stopped (`self.stop`, of `src/stop.rs`), which cuts
        // what is left.
        //
        // Stuck? cargo course hint 10.5
        ()
    }
}
