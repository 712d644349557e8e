use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use engineio_packet::{ByteString, EncodedMessage, Frame, Transport};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use crate::builder::Settings;
use crate::client::now;
use crate::connector::Connector;
use crate::http::Polling;
use crate::socket::Socket;
use crate::{CloseReason, Config, Event, Input, Output, SendError, Session, TransportError};

/// Something that is under way.
type Pending<T> = Option<Pin<Box<dyn Future<Output = T> + Send>>>;

/// How much may wait for the application while it waits to send, in bytes.
const MAX_INBOX: usize = 4_000_000;

/// For so many events it keeps room.
const FEW: usize = 16;

/// More than this leaves before anything else is read, in bytes.
const URGENT: usize = 64 << 10;

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
        loop {
            self.carry_out();
            if let Some(event) = self.take_event() {
                return Poll::Ready(Some(event));
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

    pub(crate) fn send(&mut self, message: EncodedMessage) -> Result<(), SendError> {
        let limit = self.config.max_buffered;
        let room = size_of::<Frame>() + message.frame().len();
        if self.held() + room > limit && self.closed.is_none() {
            return Err(SendError::Full { limit });
        }
        self.session.send(message)?;
        if self.session.transport() == Transport::WebSocket {
            // On polling, what is sent now may share a POST with what is sent next.
            self.carry_out();
        }
        Ok(())
    }

    pub(crate) fn close(&mut self) {
        self.handle(Input::Close);
        self.carry_out();
    }

    pub(crate) fn buffered(&self) -> usize {
        self.session.buffered() + self.socket.as_ref().map_or(0, Socket::buffered)
    }

    /// And how much room they take: an empty message is not nothing.
    fn held(&self) -> usize {
        let frames = self.session.waiting() + self.socket.as_ref().map_or(0, Socket::waiting);
        self.buffered() + frames * size_of::<Frame>()
    }

    /// Waits until something happens, and tells the machine.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // A server that never stops talking must hear us all the same.
        let is_urgent = self.socket.as_ref().is_some_and(|socket| socket.buffered() > URGENT);
        if is_urgent && self.poll_write(cx).is_ready() {
            return Poll::Ready(());
        }
        if self.poll_input(cx).is_ready() || self.poll_write(cx).is_ready() {
            return Poll::Ready(());
        }
        self.poll_alarm(cx)
    }

    /// Takes one thing that came, if there is one.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let is_full = self.inbox_bytes >= MAX_INBOX;
        if !is_full && self.poll_frame(cx).is_ready() {
            return Poll::Ready(());
        }
        if self.poll_dial(cx).is_ready() {
            return Poll::Ready(());
        }
        if !is_full && self.poll_get(cx).is_ready() {
            return Poll::Ready(());
        }
        self.poll_post(cx)
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(socket) = &mut self.socket else { return Poll::Pending };
        match ready!(socket.poll_frame(cx)) {
            Ok(frame) => self.handle(Input::Frame(frame)),
            Err(error) => self.socket_ended(&error),
        }
        Poll::Ready(())
    }

    fn poll_dial(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match ready!(poll_pending(&mut self.dial, cx)) {
            Ok(socket) => {
                self.socket = Some(socket);
                self.handle(Input::WebSocketOpened);
            }
            Err(error) => self.handle(Input::WebSocketClosed { problem: error.to_string() }),
        }
        Poll::Ready(())
    }

    fn poll_get(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let input = match ready!(poll_pending(&mut self.get, cx)) {
            Ok(body) => Input::PollAnswered(body),
            Err(error) => Input::PollFailed { problem: error.to_string() },
        };
        self.handle(input);
        Poll::Ready(())
    }

    fn poll_post(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let input = match ready!(poll_pending(&mut self.post, cx)) {
            Ok(()) => Input::PostAnswered,
            Err(error) => Input::PostFailed { problem: error.to_string() },
        };
        self.handle(input);
        Poll::Ready(())
    }

    /// Ready when what waited for the WebSocket has left, or it broke.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(socket) = self.socket.as_mut().filter(|socket| !socket.is_flushed()) else {
            return Poll::Pending;
        };
        if let Err(error) = ready!(socket.poll_flush(cx)) {
            self.socket_ended(&error);
        }
        Poll::Ready(())
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

    /// Does all that the machine says.
    fn carry_out(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Poll => {
                    let sid = self.session.sid().clone();
                    self.get = Some(Box::pin(self.polling.clone().get(Some(sid))));
                }
                Output::Post(frames) => {
                    let sid = self.session.sid().clone();
                    self.post = Some(Box::pin(self.polling.clone().post(sid, frames)));
                }
                Output::OpenWebSocket => self.dial_websocket(),
                Output::WebSocket(frame) => {
                    if let Some(socket) = &mut self.socket {
                        socket.feed(frame);
                    }
                }
                Output::CloseWebSocket => self.close_websocket(),
                Output::Event(Event::Closed(reason)) => self.end(reason),
                Output::Event(event) => {
                    self.inbox_bytes += room_of(&event);
                    self.inbox.push_back(event);
                }
            }
        }
    }

    fn dial_websocket(&mut self) {
        let sid = self.session.sid().clone();
        let connector = self.connector.clone();
        let Polling { endpoint, max_incoming, .. } = self.polling.clone();
        self.dial = Some(Box::pin(async move {
            Socket::dial(connector, &endpoint, Some(&sid), max_incoming).await
        }));
    }

    fn close_websocket(&mut self) {
        self.dial = None;
        // One that was only tried is dropped: nothing of it is missed.
        if let Some(socket) = self.socket.take()
            && self.session.poll_timeout().is_none()
        {
            let goodbye = timeout(self.config.close_timeout, socket.close());
            self.goodbye = Some(Box::pin(async move { drop(goodbye.await) }));
        }
    }

    fn end(&mut self, reason: CloseReason) {
        self.get = None;
        let post = self.post.take();
        if let Some(post) = post.filter(|_| reason.is_our_verdict()) {
            let goodbye = timeout(self.config.close_timeout, post);
            self.goodbye = Some(Box::pin(async move { drop(goodbye.await) }));
        }
        if reason == CloseReason::PingTimeout {
            // Nobody is there to say goodbye to.
            self.goodbye = None;
        }
        self.closed = Some(reason);
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
