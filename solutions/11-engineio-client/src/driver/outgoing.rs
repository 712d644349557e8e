//! What goes: what the application sends, and what the machine says.

use std::task::{Context, Poll, ready};

use engineio_packet::{EncodedMessage, Frame, Transport};
use tokio::time::timeout;

use super::{Driver, room_of};
use crate::http::Polling;
use crate::socket::Socket;
use crate::{CloseReason, Event, Input, Output, SendError};

impl Driver {
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
    pub(super) fn held(&self) -> usize {
        let frames = self.session.waiting() + self.socket.as_ref().map_or(0, Socket::waiting);
        self.buffered() + frames * size_of::<Frame>()
    }

    /// Ready when what waited for the WebSocket has left, or it broke.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(socket) = self.socket.as_mut().filter(|socket| !socket.is_flushed()) else {
            return Poll::Pending;
        };
        if let Err(error) = ready!(socket.poll_flush(cx)) {
            self.socket_ended(&error);
        }
        Poll::Ready(())
    }

    /// As [`poll_write`](Self::poll_write), if it is time.
    pub(super) fn poll_urgent(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let is_urgent = self.socket.as_ref().is_some_and(Socket::is_urgent);
        if is_urgent { self.poll_write(cx) } else { Poll::Pending }
    }

    /// Does all that the machine says.
    pub(super) fn carry_out(&mut self) {
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
}
