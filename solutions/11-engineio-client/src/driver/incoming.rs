//! What comes: frames, answers, and a WebSocket that was dialled.

use std::task::{Context, Poll, ready};

use super::{Driver, poll_pending};
use crate::Input;

/// How much may wait for the application while it waits to send, in bytes.
const MAX_INBOX: usize = 4_000_000;

impl Driver {
    /// Takes one thing that came, if there is one.
    pub(super) fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.is_full() && self.poll_frame(cx).is_ready() {
            return Poll::Ready(());
        }
        self.poll_requests(cx)
    }

    /// Takes one answer that came, if there is one.
    pub(super) fn poll_requests(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.poll_dial(cx).is_ready() {
            return Poll::Ready(());
        }
        if !self.is_full() && self.poll_get(cx).is_ready() {
            return Poll::Ready(());
        }
        self.poll_post(cx)
    }

    fn is_full(&self) -> bool {
        self.inbox_bytes >= MAX_INBOX
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

    pub(super) fn poll_post(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let input = match ready!(poll_pending(&mut self.post, cx)) {
            Ok(()) => Input::PostAnswered,
            Err(error) => Input::PostFailed { problem: error.to_string() },
        };
        self.handle(input);
        Poll::Ready(())
    }
}
