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
        // TODO step 17.2, continued: see `Backlog::make_room` in src/backlog.rs
        self.emit(packet, 0)
    }

    /// An event of `size` bytes came.
    ///
    /// # Errors
    ///
    /// [`EarlyFlood`]: the connection is to be closed.
    pub fn handle_event(&mut self, event: E, size: usize) -> Result<(), EarlyFlood> {
        // TODO step 17.1, continued: see `Mailroom::send` in src/mailroom.rs
        todo!("step 17.1: Wait for the connection (cargo course hint 17.1)")
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
        // TODO step 17.1, continued: see `Mailroom::send` in src/mailroom.rs
        todo!("step 17.1: Wait for the connection (cargo course hint 17.1)")
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
        // TODO step 17.1: Wait for the connection
        //
        // A packet that is to be sent while the namespace is connected is an `Output::Send` at
        // once. Otherwise it waits in `self.to_send`; what that loses goes to `self.drop_packet`,
        // one by one. An event that comes while connected is `Output::Received`; before the reply
        // to the CONNECT it waits in `self.early`, and if something is lost there, the answer is
        // `Err(EarlyFlood)`. `handle_connect` notes that there is a connection, in
        // `self.connected`, and lets everything go, in the order of the reference: what came early,
        // what waits to be sent, what is sent until it is answered (`self.send_retried(now)`, which
        // is written already), and then `Output::Connected`. (Socket.IO, "Offline behavior")
        //
        // Stuck? cargo course hint 17.1
        todo!("step 17.1: Wait for the connection (cargo course hint 17.1)")
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
