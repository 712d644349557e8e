mod incoming;
mod outgoing;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use engineio_packet::{ByteString, Frame, Message, Transport};
use engineio_session::{CloseReason, Input, Rejected, Session};
use tokio::sync::oneshot;
use tokio::task::coop::poll_proceed;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::mailbox::Mailbox;
use crate::registry::Registration;
use crate::shared::Shared;
use crate::socket::Socket;
use crate::stats::Tally;

/// How a GET that waits is answered.
pub(crate) type GetReply = oneshot::Sender<Result<GetAnswer, Rejected>>;

/// What a GET is answered with.
#[derive(Debug)]
pub(crate) struct GetAnswer {
    pub(crate) frames: Vec<Frame>,
    /// Whether any of them is worth it.
    pub(crate) compress: bool,
}

/// How a POST is told that it was taken, or that its body may come.
type PostReply = oneshot::Sender<Result<(), Rejected>>;

/// How long what was sent waits for more, while there is more to read.
const LINGER: Duration = Duration::from_millis(1);

/// For so many messages a session keeps room.
pub(crate) const FEW: usize = 16;

/// Drives one session: brings what happens to the machine, and does what the machine says.
///
/// It is polled by whoever owns the [`Connection`](crate::Connection), and by nobody else, so nothing
/// in it needs a lock.
#[derive(Debug)]
pub(crate) struct Driver {
    session: Session,
    shared: Arc<Shared>,
    mailbox: Arc<Mailbox>,
    tally: Tally,
    /// Until the session has ended.
    registration: Option<Registration>,
    get: Option<GetReply>,
    /// A POST that waits because the application is behind; and its body, if it came at once.
    post: Option<(Option<ByteString>, PostReply)>,
    socket: Option<Socket>,
    /// How many of the messages that wait for a GET are no reason to compress its answer.
    uncompressed: usize,
    pub(crate) transport: Transport,
    /// What came and was not taken by the application yet.
    inbox: VecDeque<Message>,
    /// How much room it takes.
    inbox_bytes: usize,
    /// Until when what was fed to the WebSocket may wait for more.
    flush_at: Option<Instant>,
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
        Self { get: Some(get), ..Self::new(session, shared, mailbox, registration, transport, now) }
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
        Self {
            socket: Some(socket),
            ..Self::new(session, shared, mailbox, registration, transport, now)
        }
    }

    fn new(
        session: Session,
        shared: Arc<Shared>,
        mailbox: Arc<Mailbox>,
        registration: Registration,
        transport: Transport,
        now: Instant,
    ) -> Self {
        let due = session.poll_timeout().map_or(now, Instant::from_std);
        Self {
            session,
            tally: Tally::new(Arc::clone(&shared.counters)),
            shared,
            mailbox,
            registration: Some(registration),
            get: None,
            post: None,
            socket: None,
            uncompressed: 0,
            transport,
            inbox: VecDeque::new(),
            inbox_bytes: 0,
            flush_at: None,
            alarm: Box::pin(sleep_until(due)),
            now,
            closed: None,
        }
    }

    /// The next message; `None` once the session has ended and all that came was taken.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        if !self.inbox.is_empty() {
            // A body may hold a hundred thousand: the rest of the session goes on between them.
            let _ = self.keep_up(cx);
        }
        loop {
            self.carry_out();
            if !self.inbox.is_empty() {
                // And other connections have their turn.
                ready!(poll_proceed(cx)).made_progress();
                return Poll::Ready(self.take_message());
            }
            if self.closed.is_some() {
                return Poll::Ready(None);
            }
            ready!(self.poll_step(cx));
        }
    }

    fn take_message(&mut self) -> Option<Message> {
        let message = self.inbox.pop_front()?;
        self.inbox_bytes -= room_of(&message);
        if self.inbox.is_empty() {
            self.inbox.shrink_to(FEW);
        }
        self.let_post_in();
        Some(message)
    }

    /// Ready when the session has ended.
    pub(crate) fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<()> {
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
            if self.closed.is_some() || self.buffered() == 0 {
                return Poll::Ready(());
            }
            // A step after which nothing is left but to wait may have sent it all.
            if self.poll_step(cx).is_pending() && self.buffered() > 0 {
                return Poll::Pending;
            }
        }
    }

    /// Ready when a WebSocket has taken all, or the GET that waits, if there is one, its part.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.carry_out();
        match self.transport {
            Transport::WebSocket => self.poll_drained(cx),
            Transport::Polling => Poll::Ready(()),
        }
    }

    pub(crate) fn close(&mut self) {
        self.now = Instant::now();
        self.handle(Input::Close);
        self.carry_out();
    }

    /// Lives on without the application, until the client has been told that it is over.
    pub(crate) async fn finish(mut self: Box<Self>) {
        self.close();
        while std::future::poll_fn(|cx| self.poll_next(cx)).await.is_some() {}
    }

    /// Waits until something happens, and tells the machine.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.keep_up(cx).is_ready() || self.poll_socket(cx).is_ready() {
            return Poll::Ready(());
        }
        if self.is_due() {
            // Everything that came was read, unless it is others' turn: whoever is silent now is silent.
            ready!(poll_proceed(cx)).made_progress();
            if self.session.awaits_pong() && self.is_full() {
                // The pong may have come, and nobody could read it: the client was not silent.
                self.fail(CloseReason::NotTaken { limit: self.max_inbox() });
            } else {
                self.session.handle_timeout(self.now.into_std());
            }
            return Poll::Ready(());
        }
        if self.flush_socket(cx) {
            return Poll::Ready(());
        }
        self.poll_alarm(cx)
    }

    /// Does what waits for nobody, not even until the application has taken all that came.
    fn keep_up(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.now = Instant::now();
        // A ping leaves at once.
        if self.is_due() && self.session.pings_next() {
            self.session.handle_timeout(self.now.into_std());
            self.carry_out();
            self.flush_socket(cx);
            self.let_post_in();
            return Poll::Ready(());
        }
        // What many messages lead to leaves together, but not late.
        if self.flush_at.is_some_and(|at| self.now >= at) && self.flush_socket(cx) {
            return Poll::Ready(());
        }
        self.mailbox.poll_take(cx).map(|delivery| self.deliver(delivery))
    }

    /// Sends the 101 and the first packet.
    pub(crate) fn send_greeting(&mut self, cx: &mut Context<'_>) {
        self.carry_out();
        self.flush_socket(cx);
    }

    /// Sends what the WebSocket takes. Whether it has ended.
    fn flush_socket(&mut self, cx: &mut Context<'_>) -> bool {
        self.tally.tell();
        let due = self.flush_at.take();
        let Some(socket) = &mut self.socket else { return false };
        match socket.poll_flush(cx) {
            Poll::Ready(Err(ended)) => {
                self.socket_ended(ended);
                true
            }
            Poll::Ready(Ok(())) => false,
            Poll::Pending => {
                // The WebSocket wakes the task, but whoever only reads would not come here again.
                // It is not put off by those who come often and have no time left.
                self.flush_at = due.filter(|at| *at > self.now).or(Some(self.now + LINGER));
                false
            }
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

/// What it takes to keep a message: an empty one is not nothing, and a body may hold half a million.
fn room_of(message: &Message) -> usize {
    size_of::<Message>() + message.len()
}
