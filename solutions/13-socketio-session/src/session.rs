use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use engineio_session::CloseReason;
use socketio_packet::{
    ArgsError, EncodedPacket, Message, Namespace, Outgoing, Packet, Parser, Reassembly,
};

use crate::{
    AckToken, Config, DisconnectReason, Event, Output, SocketKey, Violation,
    socket::{Socket, State},
};

/// One connection, with all its sockets. `T` is what the application needs to know who asked for an
/// answer.
#[derive(Debug)]
pub struct Session<T> {
    pub(crate) config: Config,
    pub(crate) parser: Arc<dyn Parser>,
    reassembly: Reassembly,
    pub(crate) sockets: Vec<Socket<T>>,
    pub(crate) next_key: u32,
    /// Until when a namespace is to be joined; `None` once one was.
    pub(crate) connect_deadline: Option<Instant>,
    pub(crate) output: VecDeque<Output<T>>,
    pub(crate) closed: bool,
}

impl<T> Session<T> {
    /// A connection that begins now.
    #[must_use]
    pub fn new(parser: Arc<dyn Parser>, config: Config, now: Instant) -> Self {
        Self {
            connect_deadline: now.checked_add(config.connect_timeout),
            config,
            parser,
            reassembly: Reassembly::default(),
            sockets: Vec::new(),
            next_key: 0,
            output: VecDeque::new(),
            closed: false,
        }
    }

    /// A message came. One that no client may send closes the connection.
    pub fn handle_message(&mut self, message: Message) {
        if self.closed {
            return;
        }
        let done = match self.parser.decode(message, &mut self.reassembly) {
            Ok(Some(packet)) => self.handle_packet(packet),
            Ok(None) => Ok(()),
            Err(error) => Err(Violation::Malformed(error)),
        };
        if let Err(violation) = done {
            self.fail(violation);
        }
    }

    /// It is later now. A call before [`Session::poll_timeout`] does nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.expire_acks(now);
        if self.connect_deadline.is_some_and(|deadline| now >= deadline) {
            self.fail(Violation::NoNamespace { limit: self.config.connect_timeout });
        }
    }

    /// The connection below has ended.
    pub fn handle_close(&mut self, reason: CloseReason) {
        self.end(&DisconnectReason::Closed(reason));
    }

    /// Arguments turned out, when they were read, to be none at all: it was no packet. Other errors are
    /// between the two applications.
    pub fn handle_args_error(&mut self, error: ArgsError) {
        if let ArgsError::Malformed { .. } = error {
            self.fail(Violation::MalformedArgs(error));
        }
    }

    /// When [`Session::handle_timeout`] is to be called next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let acks = self.sockets.iter().filter_map(|socket| socket.acks.poll_timeout());
        acks.chain(self.connect_deadline).min()
    }

    /// What is to be done next, in order.
    pub fn poll_output(&mut self) -> Option<Output<T>> {
        self.output.pop_front()
    }

    /// Sends a packet of the application's, if the socket is still there. It is one of the socket's
    /// namespace.
    pub fn send(&mut self, key: SocketKey, packet: EncodedPacket) {
        if self.is_connected(key) {
            self.output.push_back(Output::Send(packet));
        }
    }

    /// Whether the application waits for an answer of this client.
    #[must_use]
    pub fn awaits_answer(&self) -> bool {
        self.sockets.iter().any(|socket| !socket.acks.is_empty())
    }

    /// Whether the socket was let in and has not left.
    #[must_use]
    pub fn is_connected(&self, key: SocketKey) -> bool {
        let mut sockets = self.sockets.iter();
        sockets.any(|socket| socket.key == key && socket.state == State::Connected)
    }

    fn handle_packet(&mut self, packet: Packet) -> Result<(), Violation> {
        match packet {
            Packet::Connect { nsp, data } => self.handle_connect(&nsp, data),
            Packet::Event { nsp, ack, name, args } => {
                // ANCHOR: step_13_2_b
                let Some(key) = self.speaker(&nsp, "an EVENT")? else { return Ok(()) };
                let ack = ack.map(|id| AckToken { key, id });
                self.output.push_back(Output::Event(Event::Received { key, name, args, ack }));
                Ok(())
                // ANCHOR_END: step_13_2_b
            }
            Packet::Ack { nsp, id, args } => self.handle_ack(&nsp, id, args),
            Packet::Disconnect { nsp } => self.handle_disconnect(&nsp),
            Packet::ConnectError { .. } => Err(Violation::ConnectError),
        }
    }

    /// Whose packet it is. `None`: of a socket that we disconnected, and whose client did not know yet.
    pub(crate) fn speaker(
        &self,
        nsp: &Namespace,
        came: &'static str,
    ) -> Result<Option<SocketKey>, Violation> {
        match self.find(nsp) {
            Some(Socket { key, state: State::Connected, .. }) => Ok(Some(*key)),
            Some(Socket { state: State::Left, .. }) => Ok(None),
            _ => Err(Violation::NotConnected { nsp: Namespace::new(nsp.as_str()), came }),
        }
    }

    pub(crate) fn find(&self, nsp: &Namespace) -> Option<&Socket<T>> {
        self.sockets.iter().find(|socket| socket.nsp == *nsp)
    }

    /// A packet of the protocol's own.
    pub(crate) fn send_own(&mut self, packet: &Outgoing<'_>) {
        let packet = self.parser.encode(packet).expect("a value of ours, in a namespace that came");
        self.output.push_back(Output::Send(packet));
    }
}
