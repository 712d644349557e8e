use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::{Instant, timeout};

use crate::alarm::Alarm;
use crate::writer::Writer;
use crate::{Close, Closure, Connection, Event, Message, SendError};

/// How many bytes are read at once, into a place on the stack: a connection that waits has none of it.
const PIECE: usize = 8192;

/// How many bytes are discarded at most after our last ones. A socket that is closed with bytes unread
/// is reset, and that may take our close frame away before the peer has read it.
const LINGER: u64 = 1 << 20;

/// A WebSocket on a socket: a [`Connection`] with its bytes and its time.
///
/// It has no task of its own. What there is to do is done while the application waits in
/// [`next`](Self::next): one task owns the application's side and the connection, and no lock is
/// needed. All its futures may be dropped before they are ready, and nothing is lost.
#[derive(Debug)]
pub struct WebSocket<S> {
    stream: S,
    connection: Connection,
    writer: Writer,
    alarm: Alarm,
    subprotocol: Option<String>,
    ended: Option<Closure>,
    is_hung_up: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// A connection right after its handshake. `early` is what has come of its frames already.
    #[must_use]
    pub fn new(stream: S, mut early: Vec<u8>, mut connection: Connection) -> Self {
        if !early.is_empty() {
            connection.handle_bytes(&mut early, now());
        }
        Self {
            stream,
            connection,
            writer: Writer::default(),
            alarm: Alarm::default(),
            subprotocol: None,
            ended: None,
            is_hung_up: false,
        }
    }

    /// With the name of what the messages carry, if the two sides agreed on one.
    #[must_use]
    pub fn with_subprotocol(self, subprotocol: Option<String>) -> Self {
        Self { subprotocol, ..self }
    }

    /// What the messages carry, if the two sides agreed on a name for it.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }

    /// Waits for the next message. Meanwhile everything else is done: what was sent is written, pings
    /// are answered, the peer's silence is noticed.
    ///
    /// # Errors
    ///
    /// When the connection has ended: how. From then on always the same.
    pub async fn next(&mut self) -> Result<Message, Closure> {
        loop {
            if let Some(closure) = self.ended.clone() {
                self.hang_up(&closure).await;
                return Err(closure);
            }
            match self.connection.poll_event() {
                Some(Event::Message(message)) => return Ok(message),
                Some(Event::Closed(closure)) => self.ended = Some(closure),
                None => poll_fn(|cx| self.poll_progress(cx)).await,
            }
        }
    }

    /// Takes a message to be sent, as a whole, as soon as there is room for it. It travels with the
    /// next [`next`](Self::next) or [`flush`](Self::flush), together with all others that were taken:
    /// many small messages are one write.
    ///
    /// The wait for room ends with the connection: the [keep-alive](crate::KeepAlive) gives up a peer
    /// that neither speaks nor reads. For a sooner end put it into `tokio::time::timeout`.
    ///
    /// # Errors
    ///
    /// When the connection closes, and when the message is longer than
    /// [`max_buffered`](crate::Config::max_buffered).
    pub async fn send(&mut self, message: &Message) -> Result<(), SendError> {
        match self.connection.send(message) {
            Err(SendError::Full { waiting: 1.., .. }) => {
                self.flush().await;
                self.connection.send(message)
            }
            taken => taken,
        }
    }

    /// Waits until everything is written that was taken to be sent. Where that has become impossible,
    /// [`next`](Self::next) says why.
    pub async fn flush(&mut self) {
        poll_fn(|cx| self.poll_flush(cx)).await;
    }

    /// Closes the connection in good order, and says how that went. Messages that still come are
    /// dropped.
    pub async fn close(&mut self, close: Option<&Close>) -> Closure {
        self.connection.close(close, now());
        loop {
            if let Err(closure) = self.next().await {
                return closure;
            }
        }
    }
}

// Below: how bytes and time reach the connection, and how its bytes leave.
impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Writes what there is to write, and waits for something to come.
    fn poll_progress(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let _ = self.writer.poll(cx, &mut self.stream, &mut self.connection);
        self.poll_input(cx)
    }

    /// Reads while it writes: the peer may be slow to read because it waits for us to do it.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.writer.poll(cx, &mut self.stream, &mut self.connection).is_pending() {
            if self.connection.has_ended() {
                break;
            } else if self.connection.has_event() {
                // To read on would keep more and more of what the application has not fetched. So
                // the peer has to wait, as TCP makes it. Its time passes all the same.
                ready!(self.poll_time(cx));
            } else {
                ready!(self.poll_input(cx));
            }
        }
        Poll::Ready(())
    }

    /// Ready when bytes came, or the end of them, or the time for something.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // First the bytes: what has come in time counts, however late it is read. Then the time: a
        // peer that never stops must not stop it.
        match self.poll_read(cx) {
            Poll::Ready(()) => self.connection.handle_timeout(now()),
            Poll::Pending => ready!(self.poll_time(cx)),
        }
        Poll::Ready(())
    }

    fn poll_time(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let time = ready!(self.alarm.poll(cx, self.connection.poll_timeout()));
        self.connection.handle_timeout(time);
        Poll::Ready(())
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut piece = [MaybeUninit::uninit(); PIECE];
        let mut piece = ReadBuf::uninit(&mut piece);
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut piece));
        if read.is_ok() && !piece.filled().is_empty() {
            self.connection.handle_bytes(piece.filled_mut(), now());
        } else {
            self.connection.handle_end();
        }
        Poll::Ready(())
    }

    /// Ends the TCP connection in stages, so that the peer can read our close frame: first our side,
    /// then, for a while, what still comes is read and discarded.
    async fn hang_up(&mut self, closure: &Closure) {
        let is_peer_there =
            matches!(closure, Closure::ByPeer(_) | Closure::ByUs(_) | Closure::Failed(_));
        if is_peer_there && !self.is_hung_up {
            let close_timeout = self.connection.config().close_timeout;
            let Self { stream, writer, connection, .. } = self;
            let stages = async {
                poll_fn(|cx| writer.poll(cx, stream, connection)).await;
                stream.shutdown().await?;
                tokio::io::copy(&mut stream.take(LINGER), &mut tokio::io::sink()).await
            };
            // However it ends, it has ended.
            let _ = timeout(close_timeout, stages).await;
        }
        self.is_hung_up = true;
    }
}

/// By tokio's clock, which a test can stop.
pub(crate) fn now() -> std::time::Instant {
    Instant::now().into_std()
}
