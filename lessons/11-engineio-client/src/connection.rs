use std::future::poll_fn;
use std::task::{Context, Poll};

use engineio_packet::{EncodedMessage, Message, Sid, Transport};

use crate::driver::Driver;
use crate::{CloseReason, Event, SendError};

/// A session with a server, in the hands of the application.
///
/// Nothing happens by itself: packets are read and written, and pings are answered, while
/// [`next`](Self::next), [`flush`](Self::flush) or [`drained`](Self::drained) is awaited. An application
/// that does something long between two calls of `next` does it in another task.
///
/// Dropping it ends the session at once: what has not left is lost. To deliver it,
/// [`close`](Self::close) and then await `next` until it gives `None`.
#[derive(Debug)]
pub struct Connection {
    driver: Box<Driver>,
}

impl Connection {
    pub(crate) fn new(driver: Driver) -> Self {
        Self { driver: Box::new(driver) }
    }

    /// Waits for the next message; `None` once the session has ended and what was sent has left.
    ///
    /// It drives the session. It can be cancelled, in a `select!` for example: nothing is lost.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            if let Event::Message(message) = self.next_event().await? {
                return Some(message);
            }
        }
    }

    /// As [`next`](Self::next), for who wants to know about the transport, too. It never gives
    /// [`Event::Closed`]: it gives `None`, and [`close_reason`](Self::close_reason) says why.
    pub async fn next_event(&mut self) -> Option<Event> {
        poll_fn(|cx| self.poll_next_event(cx)).await
    }

    /// What [`next_event`](Self::next_event) awaits.
    pub fn poll_next_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.driver.poll_next(cx)
    }

    /// Sends a message. It leaves, together with what else is sent, when `next`, `flush` or `drained` is
    /// awaited.
    ///
    /// # Errors
    ///
    /// [`SendError`]: the session has ended, the server would not take a message as long as this, or too
    /// much waits. The message is not sent then, and the session goes on.
    pub fn send(&mut self, message: impl Into<EncodedMessage>) -> Result<(), SendError> {
        self.driver.send(message.into())
    }

    /// Sends what can be sent now: on a WebSocket all of it, on polling as much as a POST carries, if none
    /// is under way.
    pub async fn flush(&mut self) {
        poll_fn(|cx| self.driver.poll_flush(cx)).await;
    }

    /// Waits until all that was sent has left (by polling: was taken by the server), or the session has
    /// ended: how a producer of much keeps below [`max_buffered`](crate::Builder::max_buffered). What comes
    /// meanwhile is kept for `next`, up to 4 MB; then the server has to wait.
    pub async fn drained(&mut self) {
        poll_fn(|cx| self.driver.poll_drained(cx)).await;
    }

    /// Drives the session while the application takes nothing: what was sent leaves, and pings are answered.
    /// What comes is kept for `next`, as by [`drained`](Self::drained). Ready once the session has ended.
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.driver.poll_closed(cx)
    }

    /// Closes the session. What was sent before is delivered first, if the server takes it within
    /// [`close_timeout`](crate::Builder::close_timeout). [`next`](Self::next) gives `None` when that is
    /// done.
    pub fn close(&mut self) {
        self.driver.close();
    }

    /// The session's id: a secret between the server and this client.
    #[must_use]
    pub fn sid(&self) -> &Sid {
        self.driver.session.sid()
    }

    /// What carries the packets now, or carried the last.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.driver.session.transport()
    }

    /// How many bytes were sent and have not left.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.driver.buffered()
    }

    /// Why the session ended, once it has.
    #[must_use]
    pub fn close_reason(&self) -> Option<&CloseReason> {
        self.driver.closed.as_ref()
    }
}
