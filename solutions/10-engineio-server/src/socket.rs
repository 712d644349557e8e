//! The seam to lesson 06: what its messages are to a session.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use engineio_packet::Frame;
use engineio_session::CloseReason;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::task::coop::poll_proceed;
use websocket_connection::{Close, CloseCode, Closure, Config, Connection, Event, Fault, Message};

use crate::outbox::Outbox;
use crate::stream::{Stream, Upgrade};

/// How long a client may take over the last messages and its part of the goodbye.
pub(crate) const GOODBYE: Duration = Duration::from_secs(5);

/// How much of what a client goes on to send is discarded, so that it can read what it did wrong: a
/// connection that is closed with bytes unread is reset.
const MAX_DISCARDED: u64 = 1 << 20;

/// How much is read at once, in bytes.
const READ: usize = 16 << 10;

/// How much is read in vain for one unit of what tokio gives a task at a time: after one read without a message,
/// which may have been three thousand pings, other connections have their turn.
const UNIT: usize = READ / 128;

thread_local! {
    /// Into which all connections of a thread read: an idle one needs no buffer of its own.
    static SHARED: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into());
}

/// A WebSocket that carries packets.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: Stream,
    connection: Connection,
    outbox: Outbox,
    base64: bool,
    max_payload: u64,
}

/// Why nothing more comes from a WebSocket.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The client said goodbye, or left.
    Gone,
    /// The client did what it must not.
    Fault(CloseReason),
}

impl Socket {
    /// Takes over a connection whose protocol has changed, with what has come of it already.
    pub(crate) fn open(upgrade: Upgrade, max_payload: u64, base64: bool) -> Self {
        let Upgrade { stream, early, response } = upgrade;
        let config = Config {
            max_message: usize::try_from(max_payload).unwrap_or(usize::MAX),
            // The session has a heartbeat of its own.
            keep_alive: None,
            ..Config::default()
        };
        let now = Instant::now();
        let mut connection = Connection::server(config, now);
        connection.handle_bytes(&mut Vec::from(early), now);
        Self { stream, connection, outbox: Outbox::new(response), base64, max_payload }
    }

    /// Sends a frame at the next flush.
    pub(crate) fn feed(&mut self, frame: Frame) {
        // ANCHOR: step_10_4_b
        let frame = if self.base64 { Frame::Text(frame.to_text()) } else { frame };
        self.outbox.push(frame);
        // ANCHOR_END: step_10_4_b
    }

    /// How many bytes were fed and have not left.
    pub(crate) fn buffered(&self) -> usize {
        self.outbox.buffered()
    }

    /// How many frames wait.
    pub(crate) fn waiting(&self) -> usize {
        self.outbox.waiting()
    }

    /// Whether nothing more comes, and nothing is left to be said.
    pub(crate) fn is_over(&self) -> bool {
        self.connection.has_ended() && !self.connection.has_event() && self.outbox.buffered() == 0
    }

    /// Forgets what waits.
    pub(crate) fn forget_queue(&mut self) {
        self.outbox.clear();
    }

    /// Sends what was fed. Ready when nothing of it waits any more, or nothing can be sent.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ended>> {
        let Self { stream, connection, outbox, .. } = self;
        outbox.poll_flush(cx, stream, connection).map_err(|_| Ended::Gone)
    }

    /// The next frame.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
    ) -> Poll<Result<Frame, Ended>> {
        loop {
            if self.connection.has_event() {
                // One read may bring thousands of messages: other connections have their turn between them.
                ready!(poll_proceed(cx)).made_progress();
            }
            match self.connection.poll_event() {
                Some(event) => return Poll::Ready(self.frame(event)),
                None if self.connection.has_ended() => return Poll::Ready(Err(Ended::Gone)),
                None => {
                    let count = ready!(self.poll_read(cx, now));
                    if !self.connection.has_event() {
                        for _ in 0..count / UNIT {
                            ready!(poll_proceed(cx)).made_progress();
                        }
                    }
                }
            }
        }
    }

    /// Reads once. How many bytes came.
    fn poll_read(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<usize> {
        SHARED.with_borrow_mut(|shared| {
            let mut read = ReadBuf::new(shared);
            let result = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read));
            if result.is_ok() && !read.filled().is_empty() {
                self.connection.handle_bytes(read.filled_mut(), now);
            } else {
                self.connection.handle_end();
            }
            Poll::Ready(read.filled().len())
        })
    }

    /// What an event means to a session.
    fn frame(&self, event: Event) -> Result<Frame, Ended> {
        // ANCHOR: step_10_4
        match event {
            Event::Message(Message::Text(text)) => Ok(Frame::Text(text.into())),
            Event::Message(Message::Binary(bytes)) => Ok(Frame::Binary(bytes.into())),
            Event::Closed(Closure::Failed(fault)) => Err(Ended::Fault(self.reason(fault))),
            // The client may be gone, with a goodbye or without.
            Event::Closed(_) => Err(Ended::Gone),
        }
        // ANCHOR_END: step_10_4
    }

    fn reason(&self, fault: Fault) -> CloseReason {
        match fault {
            Fault::MessageTooLarge { .. } => CloseReason::TooLong { limit: self.max_payload },
            fault => CloseReason::BrokenWebSocket { problem: fault.to_string() },
        }
    }

    /// Says goodbye, after what was fed, and waits for the answer: for [`GOODBYE`] at most, of which the
    /// caller takes care. Then the connection ends.
    pub(crate) async fn close(mut self, reason: Option<CloseReason>) {
        let _ = poll_fn(|cx| self.poll_flush(cx)).await;
        let has_failed = self.connection.has_ended() && reason.is_some();
        self.connection.close(reason.map(close_frame).as_ref(), Instant::now());
        let _ = poll_fn(|cx| self.poll_flush(cx)).await;
        if has_failed && self.stream.shutdown().await.is_ok() {
            let mut rest = self.stream.take(MAX_DISCARDED);
            let _ = tokio::io::copy(&mut rest, &mut tokio::io::sink()).await;
            return;
        }
        while poll_fn(|cx| self.poll_frame(cx, Instant::now())).await.is_ok() {}
    }
}

/// What a client is told when the session ends because of what it did. The text says why. (Of what is no
/// WebSocket, lesson 06 has told it.)
fn close_frame(reason: CloseReason) -> Close {
    let code = match reason {
        CloseReason::TooLong { .. } => CloseCode::TOO_LARGE,
        CloseReason::BrokenWebSocket { .. } => CloseCode::PROTOCOL_ERROR,
        _ => CloseCode::POLICY,
    };
    let reason = reason.to_string();
    let fits = reason.floor_char_boundary(Close::MAX_REASON);
    Close::new(code, &reason[..fits]).expect("it was cut to fit")
}
