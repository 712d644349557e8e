use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use engineio_packet::{EncodedMessage, Message, Sid, Transport};
use engineio_session::CloseReason;
use thiserror::Error;
use tracing::Instrument;

use crate::RequestHead;
use crate::driver::Driver;
use crate::shared::Shared;

/// One session, in the hands of the application. Whoever owns it is the session's task.
///
/// Nothing happens by itself: packets are read and written, pings are sent and GETs are answered while
/// [`next`](Self::next), [`flush`](Self::flush) or [`drained`](Self::drained) is awaited. An
/// application that does something long between two calls of `next` does it in another task.
///
/// Dropping it closes the session. What was sent before is delivered, if the client takes it soon.
pub struct Connection {
    sid: Sid,
    head: Arc<RequestHead>,
    shared: Arc<Shared>,
    /// `None` only while it is dropped.
    driver: Option<Box<Driver>>,
}

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SendError {
    /// The session has ended, maybe because of this message: see [`Connection::close_reason`].
    #[error("expected an open session, came a message after its end")]
    Closed,
    /// Too much waits for the client. The session goes on without this message.
    #[error("expected at most {limit} bytes to wait for the client (max_buffered), came more")]
    Dropped {
        /// In bytes.
        limit: usize,
    },
}

impl Connection {
    pub(crate) fn new(
        sid: Sid,
        head: Arc<RequestHead>,
        shared: Arc<Shared>,
        driver: Driver,
    ) -> Self {
        Self { sid, head, shared, driver: Some(Box::new(driver)) }
    }

    /// Sends the 101 and the first packet. Always ready: what does not leave now leaves later.
    pub(crate) fn poll_greet(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.driver_mut().send_greeting(cx);
        Poll::Ready(())
    }

    /// Waits for the next message; `None` once the session has ended.
    ///
    /// It drives the session: while it waits, pings go out and what was sent leaves. It can be
    /// cancelled, in a `select!` for example: nothing is lost.
    pub async fn next(&mut self) -> Option<Message> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// What [`next`](Self::next) awaits.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        self.driver_mut().poll_next(cx)
    }

    /// Drives the session without taking a message from it; ready once it has ended. For an application
    /// that is behind: what comes meanwhile is kept, as in [`drained`](Self::drained).
    pub fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.driver_mut().poll_ended(cx)
    }

    /// Sends a message. It leaves, together with what else is sent, when `next` finds nothing more to
    /// read, or a millisecond later; or when [`flush`](Self::flush) or [`drained`](Self::drained) is
    /// awaited.
    ///
    /// # Errors
    ///
    /// [`SendError`]: the session has ended, or more waits for the client than
    /// [`max_buffered`](crate::Builder::max_buffered).
    pub fn send(&mut self, message: impl Into<EncodedMessage>) -> Result<(), SendError> {
        self.driver_mut().send(message.into(), true)
    }

    /// Sends a message that is no reason to compress the answer to a GET: it holds what is compressed
    /// already, a picture for example. Messages that travel together are compressed if any of them
    /// was [sent](Self::send) without this. On a WebSocket nothing is.
    ///
    /// # Errors
    ///
    /// As of [`send`](Self::send).
    pub fn send_uncompressed(
        &mut self,
        message: impl Into<EncodedMessage>,
    ) -> Result<(), SendError> {
        self.driver_mut().send(message.into(), false)
    }

    /// Sends what can be sent now: on a WebSocket all of it, on polling what a GET that waits takes
    /// along.
    pub async fn flush(&mut self) {
        poll_fn(|cx| self.driver_mut().poll_flush(cx)).await;
    }

    /// Waits until the client has taken all that was sent, or the session has ended: how a producer
    /// of much keeps below `max_buffered`. What comes meanwhile is kept for `next`, up to 4 times
    /// `max_payload`, and 8 times while a pong is due; then the client has to wait.
    pub async fn drained(&mut self) {
        poll_fn(|cx| self.driver_mut().poll_drained(cx)).await;
    }

    /// Closes the session. What was sent before is delivered first, if the client takes it.
    /// [`next`](Self::next) gives `None` when that is done.
    pub fn close(&mut self) {
        self.driver_mut().close();
    }

    /// Ends the session at once, because of what the client did or did not do. What waits for it is
    /// forgotten, and on a WebSocket it is told the reason.
    pub fn fail(&mut self, reason: CloseReason) {
        self.driver_mut().fail(reason);
    }

    /// The session's id: a secret between the client and this server.
    #[must_use]
    pub fn sid(&self) -> &Sid {
        &self.sid
    }

    /// What the request that opened the session said.
    #[must_use]
    pub fn head(&self) -> &Arc<RequestHead> {
        &self.head
    }

    /// What carries the packets now.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.driver().transport
    }

    /// Whether a message would leave at once, rather than wait for others or for a GET.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.driver().is_writable()
    }

    /// Whether so many messages, of so many bytes together, may wait for the client beside what waits
    /// already: for an application whose messages belong together.
    #[must_use]
    pub fn has_room(&self, messages: usize, bytes: usize) -> bool {
        self.driver().has_room(messages, bytes)
    }

    /// How many bytes were sent and have not left.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.driver().buffered()
    }

    /// Why the session ended, once it has.
    #[must_use]
    pub fn close_reason(&self) -> Option<&CloseReason> {
        self.driver().closed.as_ref()
    }

    fn driver(&self) -> &Driver {
        self.driver.as_ref().expect("only drop takes it")
    }

    fn driver_mut(&mut self) -> &mut Driver {
        self.driver.as_mut().expect("only drop takes it")
    }
}

/// For a log: without the id, which is a secret.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("head", &self.head)
            .field("transport", &self.transport())
            .field("close_reason", &self.close_reason())
            .finish_non_exhaustive()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let driver = self.driver.take().expect("only drop takes it");
        if driver.closed.is_none() {
            self.shared.spawn(driver.finish().in_current_span());
        }
    }
}
