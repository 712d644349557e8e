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
        // ANCHOR: step_10_2_b
        let mut waiting = self.waiting();
        if waiting.closed {
            return;
        }
        waiting.deliveries.push_back(delivery);
        let sleeper = waiting.sleeper.take();
        // Whoever is woken may come here at once.
        drop(waiting);
        if let Some(sleeper) = sleeper {
            sleeper.wake();
        }
        // ANCHOR_END: step_10_2_b
    }

    /// Takes the oldest delivery, or leaves the task's waker here.
    pub(crate) fn poll_take(&self, cx: &mut Context<'_>) -> Poll<Delivery> {
        // ANCHOR: step_10_2_c
        let mut waiting = self.waiting();
        if let Some(delivery) = waiting.deliveries.pop_front() {
            return Poll::Ready(delivery);
        }
        if !waiting.sleeper.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            waiting.sleeper = Some(cx.waker().clone());
        }
        Poll::Pending
        // ANCHOR_END: step_10_2_c
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
        // ANCHOR: step_10_5
        if let Some(delivery) = self.delivery.take() {
            self.mailbox.push(delivery);
        }
        // ANCHOR_END: step_10_5
    }
}
