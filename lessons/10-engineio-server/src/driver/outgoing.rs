//! What goes: what the application sends, and what the machine says.

use std::mem;

use engineio_packet::{EncodedMessage, Frame};
use engineio_session::{CloseReason, Event, Input, Output};

use super::{Driver, GetAnswer, LINGER, room_of};
use crate::socket::{GOODBYE, Socket};
use crate::{SendError, SlowConsumer, Transport};

impl Driver {
    pub(crate) fn send(
        &mut self,
        message: EncodedMessage,
        compress: bool,
    ) -> Result<(), SendError> {
        if self.closed.is_some() || self.session.is_closing() {
            return Err(SendError::Closed);
        }
        let fits = self.make_sure_it_fits(message.frame().len() + size_of::<Frame>());
        if let Err(SendError::Dropped { .. }) = fits {
            self.shared.counters.drop_message();
        }
        fits?;
        self.tally.send();
        let sent = self.session.handle_input(Input::Send(message), self.now.into_std());
        self.uncompressed += usize::from(!compress);
        if self.transport == Transport::WebSocket {
            self.carry_out();
        } else {
            // What is sent now may share an answer with what is sent next.
            self.tally.tell();
        }
        sent.map_err(|_| SendError::Closed)
    }

    /// Holds what waits for the client below the limit, as the policy says.
    fn make_sure_it_fits(&mut self, bytes: usize) -> Result<(), SendError> {
        // TODO step 10.3, continued: see `check_length` in src/post.rs
        Ok(())
    }

    pub(crate) fn buffered(&self) -> usize {
        self.session.buffered() + self.socket.as_ref().map_or(0, Socket::buffered)
    }

    /// And how much room they take: an empty message is not nothing.
    fn held(&self) -> usize {
        let frames = self.session.waiting() + self.socket.as_ref().map_or(0, Socket::waiting);
        self.buffered() + frames * size_of::<Frame>()
    }

    pub(crate) fn has_room(&self, messages: usize, bytes: usize) -> bool {
        self.held() + bytes + messages * size_of::<Frame>() <= self.shared.settings.max_buffered
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.session.is_writable()
            && self.socket.as_ref().is_none_or(|socket| socket.buffered() == 0)
    }

    /// Does all that the machine says.
    pub(super) fn carry_out(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::AnswerGet(frames) => {
                    // All that waited is in it.
                    let compress = frames.len() > mem::take(&mut self.uncompressed);
                    if let Some(reply) = self.get.take() {
                        // If the client has left meanwhile, its drop guard says so.
                        let _ = reply.send(Ok(GetAnswer { frames, compress }));
                    }
                }
                Output::WebSocket(frame) => {
                    if let Some(socket) = &mut self.socket {
                        socket.feed(frame);
                        self.flush_at.get_or_insert(self.now + LINGER);
                    }
                }
                Output::CloseWebSocket => self.part(None),
                Output::Event(Event::Message(message)) => {
                    self.tally.receive();
                    self.inbox_bytes += room_of(&message);
                    self.inbox.push_back(message);
                }
                Output::Event(Event::Upgraded) => self.upgraded(),
                Output::Event(Event::Closed(reason)) => self.end(reason),
            }
        }
    }

    fn upgraded(&mut self) {
        self.transport = Transport::WebSocket;
        if let Some(registration) = &mut self.registration {
            registration.upgrade();
        }
    }

    fn end(&mut self, reason: CloseReason) {
        if let Some(registration) = self.registration.take() {
            registration.end(&reason);
        }
        self.tally.tell();
        self.closed = Some(reason);
        // Whoever waits hears that nobody takes it any more.
        self.post = None;
    }

    pub(crate) fn fail(&mut self, reason: CloseReason) {
        if let Some(socket) = &mut self.socket {
            socket.forget_queue();
        }
        self.part(Some(reason.clone()));
        self.handle(Input::Fail(reason));
        self.carry_out();
    }

    /// Lets go of the WebSocket, which says goodbye: in a task of its own, if that takes a while.
    pub(super) fn part(&mut self, reason: Option<CloseReason>) {
        if let Some(socket) = self.socket.take()
            && !(reason.is_none() && socket.is_over())
        {
            self.shared.do_or_spawn(socket.close(reason), GOODBYE);
        }
    }
}
