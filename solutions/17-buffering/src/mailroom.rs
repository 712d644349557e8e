use std::collections::VecDeque;
use std::time::Instant;

use socketio_packet::AckId;
use socketio_session::Acks;

use crate::{Backlog, Config, Dropped, EarlyFlood, NoAnswer, Output, Overflow, RetryQueue};

/// For so many outputs a mailroom keeps room: most things that happen make one.
const FEW: usize = 4;

/// What comes and goes in one namespace of a client, and what waits for a connection.
///
/// `P` is a packet to be sent, `E` an event that came, `T` what the application needs to know who asked.
#[derive(Debug)]
pub struct Mailroom<P, E, T> {
    pub(crate) connected: bool,
    writable: bool,
    /// Empty while connected.
    pub(crate) to_send: Backlog<ToSend<P>>,
    /// Empty while connected.
    early: Backlog<E>,
    pub(crate) asked: Acks<Asked<T>>,
    pub(crate) to_retry: RetryQueue<P, T>,
    pub(crate) output: VecDeque<Output<P, E, T>>,
}

#[derive(Debug)]
pub(crate) struct ToSend<P> {
    pub(crate) packet: P,
    /// If somebody asks with it.
    pub(crate) ask: Option<AckId>,
}

#[derive(Debug)]
pub(crate) struct Asked<T> {
    pub(crate) id: AckId,
    pub(crate) asker: T,
}

impl<P: Clone, E, T> Mailroom<P, E, T> {
    /// Of a client that is not connected yet.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            connected: false,
            writable: true,
            to_send: Backlog::new(config.to_send, config.overflow),
            early: Backlog::new(config.early, Overflow::Refuse),
            asked: Acks::default(),
            to_retry: RetryQueue::new(config.to_retry, config.retries),
            output: VecDeque::new(),
        }
    }

    /// Sends a packet of `size` bytes, now or when the connection is back.
    pub fn emit(&mut self, packet: P, size: usize) {
        self.send(ToSend { packet, ask: None }, size);
    }

    /// Sends a packet now, or never: for what the next one replaces.
    pub fn emit_volatile(&mut self, packet: P) {
        // ANCHOR: step_17_2_b
        self.output.push_back(match self.connected && self.writable {
            true => Output::Send(packet),
            false => Output::Dropped { packet, why: Dropped::Volatile },
        });
        // ANCHOR_END: step_17_2_b
    }

    /// An event of `size` bytes came.
    ///
    /// # Errors
    ///
    /// [`EarlyFlood`]: the connection is to be closed.
    pub fn handle_event(&mut self, event: E, size: usize) -> Result<(), EarlyFlood> {
        // ANCHOR: step_17_1_b
        if self.connected {
            self.output.push_back(Output::Received(event));
            return Ok(());
        }
        match self.early.push(event, size).is_empty() {
            true => Ok(()),
            false => Err(EarlyFlood),
        }
        // ANCHOR_END: step_17_1_b
    }

    /// Whether the transport takes more at once.
    pub fn handle_writable(&mut self, writable: bool) {
        self.writable = writable;
    }

    /// The reply to the CONNECT came.
    ///
    /// The reference's order: what came before the reply, what waited to be sent, what is sent until it
    /// is answered, and then the application hears of it.
    pub fn handle_connect(&mut self, now: Instant) {
        // ANCHOR: step_17_1_c
        self.connected = true;
        self.output.extend(self.early.drain().map(Output::Received));
        self.output.extend(self.to_send.drain().map(|it| Output::Send(it.packet)));
        self.send_retried(now);
        self.output.push_back(Output::Connected);
        // ANCHOR_END: step_17_1_c
    }

    /// Whether what is sent leaves at once.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connected
    }

    /// What waits to be sent: how many packets.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.to_send.len() + self.to_retry.len()
    }

    /// What is to be done next, in order.
    pub fn poll_output(&mut self) -> Option<Output<P, E, T>> {
        let output = self.output.pop_front();
        if output.is_none() {
            self.output.shrink_to(FEW); // a flood took more
        }
        output
    }

    pub(crate) fn send(&mut self, it: ToSend<P>, size: usize) {
        // ANCHOR: step_17_1
        if self.connected {
            self.output.push_back(Output::Send(it.packet));
            return;
        }
        for lost in self.to_send.push(it, size) {
            self.drop_packet(lost);
        }
        // ANCHOR_END: step_17_1
    }

    pub(crate) fn forget_early(&mut self) {
        drop(self.early.drain());
    }

    /// It is lost, and not silently.
    fn drop_packet(&mut self, lost: ToSend<P>) {
        let why = Dropped::Overflow;
        self.output.push_back(Output::Dropped { packet: lost.packet, why });
        if let Some(asked) = lost.ask.and_then(|id| self.asked.take(id)) {
            self.tell_unanswered(asked.asker, NoAnswer::Dropped);
        }
    }

    pub(crate) fn tell_unanswered(&mut self, asker: T, why: NoAnswer) {
        self.output.push_back(Output::Unanswered { asker, why });
    }
}
