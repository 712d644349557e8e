mod incoming;
mod outgoing;

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use engineio_packet::ByteString;
use tokio::task::coop::poll_proceed;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::builder::Settings;
use crate::client::now;
use crate::connector::Connector;
use crate::http::Polling;
use crate::socket::Socket;
use crate::{CloseReason, Config, Event, Input, Session, TransportError};

/// Something that is under way.
type Pending<T> = Option<Pin<Box<dyn Future<Output = T> + Send>>>;

/// For so many events it keeps room.
const FEW: usize = 16;

/// An alarm that is heard later than this rang while nobody listened.
const LATE: Duration = Duration::from_millis(500);

/// Drives one session: brings what happens to the machine, and does what the machine says.
///
/// It is polled by whoever owns the [`Connection`](crate::Connection), and by nobody else, so nothing in
/// it needs a lock.
pub(crate) struct Driver {
    pub(crate) session: Session,
    config: Config,
    polling: Polling,
    connector: Connector,
    get: Pending<Result<ByteString, TransportError>>,
    post: Pending<Result<(), TransportError>>,
    dial: Pending<Result<Socket, TransportError>>,
    socket: Option<Socket>,
    /// The last words over the WebSocket, at the end.
    goodbye: Pending<()>,
    /// What came and was not taken by the application yet.
    inbox: VecDeque<Event>,
    /// How much room it takes.
    inbox_bytes: usize,
    /// What the alarm is set for.
    due: Option<std::time::Instant>,
    alarm: Pin<Box<Sleep>>,
    pub(crate) closed: Option<CloseReason>,
}

impl Driver {
    pub(crate) fn new(
        session: Session,
        socket: Option<Socket>,
        polling: Polling,
        connector: Connector,
        settings: &Settings,
    ) -> Self {
        Self {
            session,
            config: settings.session.clone(),
            polling,
            connector,
            get: None,
            post: None,
            dial: None,
            socket,
            goodbye: None,
            inbox: VecDeque::new(),
            inbox_bytes: 0,
            due: None,
            alarm: Box::pin(sleep_until(Instant::now())),
            closed: None,
        }
    }

    /// The next event; `None` once the session has ended, all that came was taken, and the last words are
    /// said.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        if !self.inbox.is_empty() {
            // A body may hold a hundred thousand: the rest of the session goes on between them.
            let _ = self.poll_urgent(cx);
            let _ = self.poll_requests(cx);
        }
        loop {
            self.carry_out();
            if !self.inbox.is_empty() {
                // And other tasks have their turn.
                ready!(poll_proceed(cx)).made_progress();
                return Poll::Ready(self.take_event());
            }
            if self.closed.is_some() {
                return self.poll_goodbye(cx).map(|()| None);
            }
            ready!(self.poll_step(cx));
        }
    }

    fn take_event(&mut self) -> Option<Event> {
        let event = self.inbox.pop_front()?;
        self.inbox_bytes -= room_of(&event);
        if self.inbox.is_empty() {
            self.inbox.shrink_to(FEW);
        }
        Some(event)
    }

    /// Ready when the session has ended. Nothing that came is taken.
    pub(crate) fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.carry_out();
            if self.closed.is_some() {
                return Poll::Ready(());
            }
            ready!(self.poll_step(cx));
        }
    }

    /// Ready when nothing waits to be sent, or the session has ended.
    pub(crate) fn poll_drained(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.carry_out();
            let is_flushed = self.socket.as_ref().is_none_or(Socket::is_flushed);
            let is_drained = self.session.buffered() == 0 && self.post.is_none() && is_flushed;
            if self.closed.is_some() || is_drained {
                return Poll::Ready(());
            }
            ready!(self.poll_step(cx));
        }
    }

    /// Ready when as much was sent as can be sent now without the server doing anything, or the session
    /// has ended: a server that takes nothing is given up meanwhile.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.carry_out();
        // A request begins when it is polled first.
        while self.poll_post(cx).is_ready() {
            self.carry_out();
        }
        while self.socket.as_ref().is_some_and(|socket| !socket.is_flushed()) {
            if self.poll_write(cx).is_pending() {
                ready!(self.poll_step(cx));
            }
            self.carry_out();
        }
        Poll::Ready(())
    }

    /// Waits until something happens, and tells the machine.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.poll_urgent(cx).is_ready()
            || self.poll_input(cx).is_ready()
            || self.poll_write(cx).is_ready()
        {
            return Poll::Ready(());
        }
        self.poll_alarm(cx)
    }

    /// Ready when the machine's deadline has come, and what came before it was read.
    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let due = self.session.poll_timeout();
        if self.due != due
            && let Some(due) = due
        {
            self.alarm.as_mut().reset(Instant::from_std(due));
        }
        self.due = due;
        ready!(self.alarm.as_mut().poll(cx));
        if self.alarm.deadline().elapsed() > LATE {
            // The application was elsewhere. What the server said meanwhile may still be on its way
            // through our own tasks: it was not silent, we were deaf.
            self.alarm.as_mut().reset(Instant::now() + LATE);
            ready!(self.alarm.as_mut().poll(cx));
        }
        self.session.handle_timeout(now());
        Poll::Ready(())
    }

    /// Ready when the last words over a WebSocket are said.
    fn poll_goodbye(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.goodbye.is_none() { Poll::Ready(()) } else { poll_pending(&mut self.goodbye, cx) }
    }

    fn socket_ended(&mut self, error: &TransportError) {
        self.socket = None;
        self.handle(Input::WebSocketClosed { problem: error.to_string() });
    }

    fn handle(&mut self, input: Input) {
        self.session.handle_input(input, now());
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { session, closed, .. } = self;
        f.debug_struct("Driver")
            .field("session", session)
            .field("closed", closed)
            .finish_non_exhaustive()
    }
}

/// Ready when something was under way and has ended. It is forgotten then.
fn poll_pending<T>(pending: &mut Pending<T>, cx: &mut Context<'_>) -> Poll<T> {
    let Some(future) = pending else { return Poll::Pending };
    let output = ready!(future.as_mut().poll(cx));
    *pending = None;
    Poll::Ready(output)
}

/// What it takes to keep an event: one with an empty message is not nothing, and a body may hold half a
/// million.
fn room_of(event: &Event) -> usize {
    let length = match event {
        Event::Message(message) => message.len(),
        _ => 0,
    };
    size_of::<Event>() + length
}
