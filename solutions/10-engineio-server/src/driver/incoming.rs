//! What comes: from the mailbox, and from the WebSocket.

use std::task::{Context, Poll, ready};

use engineio_packet::ByteString;
use engineio_session::Input;
use tokio::sync::oneshot;

use super::{Driver, GetReply, PostReply};
use crate::Transport;
use crate::mailbox::Delivery;
use crate::socket::{Ended, Socket};

impl Driver {
    /// Takes one frame that came, if there is one and it may come.
    pub(super) fn poll_socket(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_full() {
            return Poll::Pending;
        }
        let Some(socket) = &mut self.socket else { return Poll::Pending };
        match ready!(socket.poll_frame(cx, self.now.into_std())) {
            Ok(frame) => self.handle(Input::Frame(frame)),
            Err(ended) => {
                // Its answer to a goodbye leaves at once, most often.
                let _ = socket.poll_flush(cx);
                self.socket_ended(ended);
            }
        }
        Poll::Ready(())
    }

    /// Whether so much waits for the application that reading stops. That the application is slow is
    /// not the client's fault, and the silence that comes of it is none.
    pub(super) fn is_full(&self) -> bool {
        u64::try_from(self.inbox_bytes).is_ok_and(|held| held >= self.max_inbox())
    }

    /// While a pong is due, twice as much may wait: the pong may stand behind what was not read.
    pub(super) fn max_inbox(&self) -> u64 {
        let payloads = if self.session.awaits_pong() { 8 } else { 4 };
        self.shared.settings.session.max_payload.saturating_mul(payloads)
    }

    /// Lets the POST in that waited until the application had taken something.
    pub(super) fn let_post_in(&mut self) {
        if !self.is_full()
            && let Some((body, reply)) = self.post.take()
        {
            let _ = reply.send(body.map_or(Ok(()), |body| self.try_handle(Input::Post(body))));
        }
    }

    pub(super) fn deliver(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Get(reply) => self.take_get(reply),
            Delivery::GetCancelled => self.handle(Input::GetCancelled),
            Delivery::Post(body, reply) => self.take_post(Some(body), reply),
            Delivery::PostBegan(reply) => self.take_post(None, reply),
            Delivery::PostBody(body, reply) => drop(reply.send(self.try_handle(Input::Post(body)))),
            Delivery::PostCancelled => self.handle(Input::PostCancelled),
            Delivery::PostRefused => self.handle(Input::PostRefused),
            Delivery::WebSocket(socket, refused) => self.take_websocket(socket, refused),
            Delivery::Close => self.handle(Input::Close),
        }
    }

    /// A GET waits here until the machine has an answer, or is refused at once.
    fn take_get(&mut self, reply: GetReply) {
        // ANCHOR: step_10_2_d
        match self.try_handle(Input::Get) {
            Ok(()) => self.get = Some(reply),
            Err(rejected) => drop(reply.send(Err(rejected))),
        }
        // ANCHOR_END: step_10_2_d
    }

    /// A POST is let in, but not while too much waits for the application.
    fn take_post(&mut self, body: Option<ByteString>, reply: PostReply) {
        match self.try_handle(Input::PostBegan) {
            Ok(()) => self.post = Some((body, reply)),
            Err(rejected) => drop(reply.send(Err(rejected))),
        }
        self.let_post_in();
    }

    /// A WebSocket is this session's from now on, or goes back.
    fn take_websocket(&mut self, socket: Box<Socket>, refused: oneshot::Sender<Box<Socket>>) {
        // ANCHOR: step_10_4_c
        match self.try_handle(Input::WebSocketOpened) {
            Ok(()) => self.socket = Some(*socket),
            Err(_) => drop(refused.send(socket)),
        }
        // ANCHOR_END: step_10_4_c
    }

    /// The WebSocket says nothing more.
    pub(super) fn socket_ended(&mut self, ended: Ended) {
        // ANCHOR: step_10_4_d
        let fault = match ended {
            Ended::Gone => None,
            Ended::Fault(reason) => Some(reason),
        };
        self.part(fault.clone());
        match (fault, self.transport) {
            (Some(reason), Transport::WebSocket) => self.handle(Input::Fail(reason)),
            // Gone, or it was only tried: then the session stays on polling.
            _ => self.handle(Input::WebSocketClosed),
        }
        // ANCHOR_END: step_10_4_d
    }
}
