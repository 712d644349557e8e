mod handling;
mod outgoing;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, atomic::Ordering};
use std::task::{Context, Poll, ready};

use engineio_server::{CloseReason, Connection};
use socketio_session::{DisconnectReason, Session};
use tokio::time::{Instant, Sleep, sleep_until};

use self::outgoing::Unsent;
use crate::asker::Asker;
use crate::link::{Command, Link};
use crate::shared::Shared;
use crate::slot::Slot;
use crate::{Extensions, Problem};

/// One connection: its task. It owns the machine, and runs the handlers.
pub(crate) struct Conversation {
    shared: Arc<Shared>,
    /// Until it has ended.
    connection: Option<Connection>,
    session: Session<Asker>,
    slots: Vec<Slot>,
    /// How many bytes of events wait for a handler.
    pending: usize,
    link: Arc<Link>,
    /// Nobody comes in any more: the connection is to end, or has ended.
    ending: bool,
    unsent: Unsent,
    /// Somebody wants to know what a socket is sent.
    is_overheard: bool,
    /// What was taken from the link, and is being done.
    commands: VecDeque<Command>,
    extensions: Arc<Extensions>,
    alarm: Option<Pin<Box<Sleep>>>,
}

/// Talks with a client until its connection has ended, and what came over it has been handled.
pub(crate) async fn converse(shared: Arc<Shared>, connection: Connection) {
    let mut conversation = Box::new(Conversation::new(shared, connection));
    poll_fn(|cx| conversation.poll(cx)).await;
}

impl Conversation {
    fn new(shared: Arc<Shared>, connection: Connection) -> Self {
        let settings = &shared.settings;
        let parser = Arc::clone(&settings.parser);
        let counters = Arc::clone(&shared.counters);
        let now = Instant::now().into_std();
        Self {
            session: Session::new(parser, settings.session.clone(), now),
            link: Arc::new(Link::new(settings.max_buffered, settings.slow_consumer, counters)),
            connection: Some(connection),
            shared,
            slots: Vec::new(),
            pending: 0,
            ending: false,
            unsent: Unsent::default(),
            is_overheard: false,
            commands: VecDeque::new(),
            extensions: Arc::default(),
            alarm: None,
        }
    }

    // ANCHOR: poll
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.link.wake_up();
        self.let_answers_leave(cx);
        self.poll_slots(cx);
        loop {
            self.carry_out(cx);
            while self.do_command() {
                self.carry_out(cx);
            }
            self.slots.retain(|slot| !slot.is_over(self.ending));
            if self.connection.is_none() {
                return if self.slots.is_empty() { Poll::Ready(()) } else { Poll::Pending };
            }
            if self.poll_read(cx).is_ready() || self.poll_alarm(cx).is_ready() {
                continue;
            }
            // After the read, which is when what was sent leaves.
            let buffered = self.connection.as_ref().is_some_and(|it| it.buffered() > 0);
            if self.link.sleep(cx, buffered) {
                self.put_queue_back();
                return Poll::Pending;
            }
        }
    }
    // ANCHOR_END: poll

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let may_read = self.may_read() && self.slots.len() < self.max_slots();
        let Some(connection) = &mut self.connection else { return Poll::Pending };
        if !may_read {
            // It is driven all the same. What it has heard before its end is taken later.
            let _ = connection.poll_ended(cx);
            return Poll::Pending;
        }
        match ready!(connection.poll_next(cx)) {
            Some(message) => self.session.handle_message(message),
            None => self.ended(),
        }
        Poll::Ready(())
    }

    /// Handlers that are behind stop the reading, except if what they wait for is to be read.
    fn may_read(&self) -> bool {
        // ANCHOR: step_15_4_d
        self.pending < self.shared.settings.max_pending || self.awaits_answer()
        // ANCHOR_END: step_15_4_d
    }

    /// Whether anybody waits for an answer of this client, and has not given up.
    fn awaits_answer(&self) -> bool {
        self.session.askers().any(Asker::listens)
    }

    /// A client that joins and leaves and joins again begins more than its handlers end.
    fn max_slots(&self) -> usize {
        self.shared.settings.session.max_namespaces.saturating_mul(2)
    }

    fn ended(&mut self) {
        self.link.close();
        self.ending = true;
        let reason = self.connection.take().and_then(|it| it.close_reason().cloned());
        let reason = reason.unwrap_or(CloseReason::ByServer);
        if is_fault(&reason) {
            let reason = DisconnectReason::Closed(reason.clone());
            self.shared.settings.report(&Problem::Closed { reason });
        }
        if self.shared.stopping.load(Ordering::Acquire) {
            self.session.shut_down();
        } else {
            self.session.handle_close(reason);
        }
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(due) = self.session.poll_timeout().map(Instant::from_std) else {
            self.alarm = None;
            return Poll::Pending;
        };
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if alarm.deadline() != due {
            alarm.as_mut().reset(due);
        }
        ready!(alarm.as_mut().poll(cx));
        self.session.handle_timeout(Instant::now().into_std());
        Poll::Ready(())
    }
}

/// Whether the client did what it must not: its programmer wants to know. What is ended from here has been
/// reported.
fn is_fault(reason: &CloseReason) -> bool {
    matches!(
        reason,
        CloseReason::Malformed(_)
            | CloseReason::Unexpected { .. }
            | CloseReason::ConcurrentGet
            | CloseReason::ConcurrentPost
            | CloseReason::TooLong { .. }
            | CloseReason::BrokenWebSocket { .. }
    )
}

/// However it ends: whoever holds a socket and waits hears of it.
impl Drop for Conversation {
    fn drop(&mut self) {
        self.link.close();
    }
}
