//! Events that are to be answered. Whoever asks hears of it exactly once.

use std::mem;
use std::time::{Duration, Instant};

use socketio_packet::AckId;

use crate::{
    Dropped, Mailroom, NoAnswer, Output, Retried,
    mailroom::{Asked, ToSend},
};

impl<P: Clone, E, T> Mailroom<P, E, T> {
    /// Sends a packet that is to be answered, now or when the connection is back. The deadline counts from now
    /// in either case.
    ///
    /// The packet bears this id, which was given to no other of its namespace: whoever asks counts them, over all
    /// connections.
    pub fn call(&mut self, id: AckId, packet: P, size: usize, deadline: Instant, asker: T) {
        // ANCHOR: step_17_3
        if let Some(before) = self.asked.insert(id, deadline, Asked { id, asker }) {
            self.tell_unanswered(before.asker, NoAnswer::TimedOut);
        }
        self.send(ToSend { packet, ask: Some(id) }, size);
        // ANCHOR_END: step_17_3
    }

    /// Sends a packet until it is answered: at least once, if at all, and after those before it. Each time
    /// it waits for so long.
    pub fn retry(
        &mut self,
        id: AckId,
        packet: P,
        size: usize,
        timeout: Duration,
        asker: T,
        now: Instant,
    ) {
        if let Some(refused) = self.to_retry.push(Retried { id, packet, timeout, asker }, size) {
            let Retried { packet, asker, .. } = refused;
            self.output.push_back(Output::Dropped { packet, why: Dropped::Overflow });
            self.tell_unanswered(asker, NoAnswer::Dropped);
        }
        self.send_retried(now);
    }

    /// An answer came: whose is it? `None` if nobody waits, or nobody any longer.
    pub fn handle_ack(&mut self, id: AckId, now: Instant) -> Option<T> {
        if !self.connected {
            return None; // what waits was not sent, so this is no answer to it
        }
        if let Some(asked) = self.asked.take(id) {
            return Some(asked.asker);
        }
        let asker = self.to_retry.handle_ack(id)?;
        self.send_retried(now);
        Some(asker)
    }

    /// The connection broke, or the server ended it, or none came about.
    pub fn handle_disconnect(&mut self) {
        self.forget_early(); // the server will send it again
        if !mem::take(&mut self.connected) {
            return; // what waits goes on waiting
        }
        self.fail_asked();
        if let Some(asker) = self.to_retry.handle_disconnect() {
            self.tell_unanswered(asker, NoAnswer::Disconnected);
        }
    }

    /// It is later now. A call before [`Mailroom::poll_timeout`] does nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.expire_asked(now);
        if let Some(asker) = self.to_retry.handle_timeout(now) {
            self.tell_unanswered(asker, NoAnswer::TimedOut);
        }
        self.send_retried(now);
    }

    /// Whether anybody waits for an answer.
    #[must_use]
    pub fn awaits_answer(&self) -> bool {
        !self.asked.is_empty() || !self.to_retry.is_empty()
    }

    /// When [`Mailroom::handle_timeout`] is to be called next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let deadlines = [self.asked.poll_timeout(), self.to_retry.poll_timeout()];
        deadlines.into_iter().flatten().min()
    }

    /// All that was asked was sent, and over a connection that is no more.
    fn fail_asked(&mut self) {
        // ANCHOR: step_17_3_b
        for asked in mem::take(&mut self.asked).into_askers() {
            self.tell_unanswered(asked.asker, NoAnswer::Disconnected);
        }
        // ANCHOR_END: step_17_3_b
    }

    fn expire_asked(&mut self, now: Instant) {
        // ANCHOR: step_17_3_c
        while let Some(Asked { id, asker }) = self.asked.expire(now) {
            self.to_send.take_first(|it| it.ask == Some(id));
            self.tell_unanswered(asker, NoAnswer::TimedOut);
        }
        // ANCHOR_END: step_17_3_c
    }

    pub(crate) fn send_retried(&mut self, now: Instant) {
        if self.connected
            && !self.to_retry.is_empty()
            && let Some(packet) = self.to_retry.send_next(now)
        {
            self.output.push_back(Output::Send(packet));
        }
    }
}
