use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use engineio_packet::{EncodedMessage, Frame, Message, Transport};
use engineio_session::{CloseReason, Event, Input, Output, Rejected, Session};
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::mailbox::{Delivery, Mailbox};
use crate::registry::Registration;
use crate::shared::Shared;
use crate::socket::{Ended, Socket};
use crate::{SendError, SlowConsumer};

/// How a GET that waits is answered.
pub(crate) type GetReply = oneshot::Sender<Result<Vec<Frame>, Rejected>>;

/// Drives one session: brings what happens to the machine, and does what the machine says.
///
/// It is polled by whoever owns the [`Connection`](crate::Connection), and by nobody else, so nothing
/// in it needs a lock.
#[derive(Debug)]
pub(crate) struct Driver {
    session: Session,
    shared: Arc<Shared>,
    mailbox: Arc<Mailbox>,
    /// Until the session has ended.
    registration: Option<Registration>,
    get: Option<GetReply>,
    socket: Option<Socket>,
    pub(crate) transport: Transport,
    /// What came and was not taken by the application yet.
    inbox: VecDeque<Message>,
    inbox_bytes: usize,
    alarm: Pin<Box<Sleep>>,
    now: Instant,
    pub(crate) closed: Option<CloseReason>,
}

impl Driver {
    /// A session that a GET opened.
    pub(crate) fn polling(
        shared: Arc<Shared>,
        mailbox: Arc<Mailbox>,
        registration: Registration,
        get: GetReply,
    ) -> Self {
        let now = Instant::now();
        let sid = registration.sid().clone();
        let config = shared.settings.session.clone();
        let session = Session::open_polling(sid, config, now.into_std());
        let transport = Transport::Polling;
        Self::new(session, shared, mailbox, registration, Some(get), None, transport, now)
    }

    /// A session that a WebSocket opened.
    pub(crate) fn websocket(
        shared: Arc<Shared>,
        mailbox: Arc<Mailbox>,
        registration: Registration,
        socket: Socket,
    ) -> Self {
        let now = Instant::now();
        let sid = registration.sid().clone();
        let config = shared.settings.session.clone();
        let session = Session::open_websocket(sid, config, now.into_std());
        let transport = Transport::WebSocket;
        Self::new(session, shared, mailbox, registration, None, Some(socket), transport, now)
    }

    #[expect(clippy::too_many_arguments, reason = "two callers, just above")]
    fn new(
        session: Session,
        shared: Arc<Shared>,
        mailbox: Arc<Mailbox>,
        registration: Registration,
        get: Option<GetReply>,
        socket: Option<Socket>,
        transport: Transport,
        now: Instant,
    ) -> Self {
        let due = session.poll_timeout().map_or(now, Instant::from_std);
        Self {
            session,
            shared,
            mailbox,
            registration: Some(registration),
            get,
            socket,
            transport,
            inbox: VecDeque::new(),
            inbox_bytes: 0,
            alarm: Box::pin(sleep_until(due)),
            now,
            closed: None,
        }
    }

    /// The next message; `None` once the session has ended and all that came was taken.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        loop {
            self.carry_out();
            if let Some(message) = self.inbox.pop_front() {
                self.inbox_bytes -= message.len();
                return Poll::Ready(Some(message));
            }
            if self.closed.is_some() {
                return Poll::Ready(None);
            }
            ready!(self.poll_step(cx));
        }
    }

    /// Ready when nothing waits to be sent, or the session has ended.
    pub(crate) fn poll_drained(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.carry_out();
            if self.closed.is_some() || self.buffered() == 0 {
                return Poll::Ready(());
            }
            ready!(self.poll_step(cx));
        }
    }

    /// Ready when as much was sent as can be sent now without the client doing anything: all of it on
    /// a WebSocket, and on polling what the GET that waits, if there is one, takes along.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.carry_out();
        while let Some(socket) = &mut self.socket {
            match ready!(socket.poll_flush(cx)) {
                Ok(()) => break,
                Err(ended) => self.socket_ended(ended),
            }
        }
        Poll::Ready(())
    }

    pub(crate) fn send(&mut self, message: EncodedMessage) -> Result<(), SendError> {
        let settings = &self.shared.settings;
        let limit = settings.max_buffered;
        if self.buffered() + message.frame().len() > limit && self.closed.is_none() {
            return Err(match settings.slow_consumer {
                SlowConsumer::DropNewest => SendError::Dropped { limit },
                SlowConsumer::Disconnect => {
                    self.fail(CloseReason::SlowConsumer { limit });
                    SendError::Closed
                }
            });
        }
        let sent = self.session.handle_input(Input::Send(message), self.now.into_std());
        if self.transport == Transport::WebSocket {
            // On polling, what is sent now may share an answer with what is sent next.
            self.carry_out();
        }
        sent.map_err(|_| SendError::Closed)
    }

    pub(crate) fn close(&mut self) {
        self.handle(Input::Close);
        self.carry_out();
    }

    pub(crate) fn buffered(&self) -> usize {
        self.session.buffered() + self.socket.as_ref().map_or(0, Socket::buffered)
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.session.is_writable()
            && self.socket.as_ref().is_none_or(|socket| socket.buffered() == 0)
    }

    /// Lives on without the application, until the client has been told that it is over.
    pub(crate) async fn finish(mut self: Box<Self>) {
        self.close();
        while std::future::poll_fn(|cx| self.poll_next(cx)).await.is_some() {}
    }

    /// Waits until something happens, and tells the machine.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.now = Instant::now();
        // A ping is sent even while messages keep coming.
        if self.is_due() && !self.session.awaits_pong() {
            self.session.handle_timeout(self.now.into_std());
            return Poll::Ready(());
        }
        if self.poll_input(cx).is_ready() {
            return Poll::Ready(());
        }
        // Everything that came was read: whoever is silent now is silent.
        if self.is_due() {
            self.session.handle_timeout(self.now.into_std());
            return Poll::Ready(());
        }
        if let Some(socket) = &mut self.socket
            && let Poll::Ready(Err(ended)) = socket.poll_flush(cx)
        {
            self.socket_ended(ended);
            return Poll::Ready(());
        }
        self.poll_alarm(cx)
    }

    /// Takes one thing that came, if there is one.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Poll::Ready(delivery) = self.mailbox.poll_take(cx) {
            self.deliver(delivery);
            return Poll::Ready(());
        }
        if self.is_full() {
            return Poll::Pending;
        }
        let Some(socket) = &mut self.socket else { return Poll::Pending };
        match ready!(socket.poll_frame(cx)) {
            Ok(frame) => self.handle(Input::Frame(frame)),
            Err(ended) => self.socket_ended(ended),
        }
        Poll::Ready(())
    }

    /// Whether so much waits for the application that reading stops. That the application is slow is
    /// not the client's fault, and the silence that comes of it is none.
    fn is_full(&self) -> bool {
        let limit = self.shared.settings.session.max_payload.saturating_mul(4);
        u64::try_from(self.inbox_bytes).is_ok_and(|bytes| bytes >= limit)
    }

    fn deliver(&mut self, delivery: Delivery) {
        // ANCHOR: step_10_2
        match delivery {
            Delivery::Get(reply) => match self.try_handle(Input::Get) {
                Ok(()) => self.get = Some(reply),
                Err(rejected) => drop(reply.send(Err(rejected))),
            },
            Delivery::GetCancelled => self.handle(Input::GetCancelled),
            Delivery::PostBegan(reply) => drop(reply.send(self.try_handle(Input::PostBegan))),
            Delivery::Post(body, reply) => drop(reply.send(self.try_handle(Input::Post(body)))),
            Delivery::PostCancelled => self.handle(Input::PostCancelled),
            Delivery::PostRefused => self.handle(Input::PostRefused),
            Delivery::WebSocket(socket, refused) => match self.try_handle(Input::WebSocketOpened) {
                Ok(()) => self.socket = Some(*socket),
                Err(_) => drop(refused.send(socket)),
            },
            Delivery::Close => self.handle(Input::Close),
        }
        // ANCHOR_END: step_10_2
    }

    /// Does all that the machine says.
    fn carry_out(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::AnswerGet(frames) => {
                    if let Some(reply) = self.get.take() {
                        // If the client has left meanwhile, its drop guard says so.
                        let _ = reply.send(Ok(frames));
                    }
                }
                Output::WebSocket(frame) => {
                    if let Some(socket) = &mut self.socket {
                        socket.feed(frame);
                    }
                }
                Output::CloseWebSocket => self.part(None),
                Output::Event(Event::Message(message)) => {
                    self.inbox_bytes += message.len();
                    self.inbox.push_back(message);
                }
                Output::Event(Event::Upgraded) => self.transport = Transport::WebSocket,
                Output::Event(Event::Closed(reason)) => self.end(reason),
            }
        }
    }

    fn end(&mut self, reason: CloseReason) {
        self.closed = Some(reason);
        self.registration = None;
        self.mailbox.close();
    }

    /// The WebSocket says nothing more.
    fn socket_ended(&mut self, ended: Ended) {
        match ended {
            Ended::Gone => {
                self.part(None);
                self.handle(Input::WebSocketClosed);
            }
            Ended::Fault(reason) => {
                self.part(Some(reason.clone()));
                match self.transport {
                    Transport::WebSocket => self.handle(Input::Fail(reason)),
                    // It was only tried.
                    Transport::Polling => self.handle(Input::WebSocketClosed),
                }
            }
        }
    }

    fn fail(&mut self, reason: CloseReason) {
        if let Some(socket) = &mut self.socket {
            socket.forget_queue();
        }
        self.part(Some(reason.clone()));
        self.handle(Input::Fail(reason));
        self.carry_out();
    }

    /// Lets go of the WebSocket, which says goodbye in a task of its own: that may take a while.
    fn part(&mut self, reason: Option<CloseReason>) {
        if let Some(socket) = self.socket.take() {
            self.shared.spawn(socket.close(reason));
        }
    }

    fn handle(&mut self, input: Input) {
        // What the machine refuses has no effect, or ends the session: then it says so as well.
        let _ = self.try_handle(input);
    }

    fn try_handle(&mut self, input: Input) -> Result<(), Rejected> {
        self.session.handle_input(input, self.now.into_std())
    }

    fn is_due(&self) -> bool {
        self.session.poll_timeout().is_some_and(|due| self.now.into_std() >= due)
    }

    /// Ready when the machine's clock may have run out.
    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(due) = self.session.poll_timeout().map(Instant::from_std) else {
            return Poll::Ready(());
        };
        // An alarm that rings too early is set anew when it rings, not at each pong.
        if due < self.alarm.deadline() || self.alarm.is_elapsed() {
            self.alarm.as_mut().reset(due);
        }
        self.alarm.as_mut().poll(cx)
    }
}
