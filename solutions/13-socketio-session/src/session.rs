use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use engineio_session::CloseReason;
use socketio_packet::{ArgsError, Message, Namespace, Outgoing, Packet, Parser, Reassembly};

use crate::{
    Config, DisconnectReason, Output, SocketKey, Violation,
    socket::{Socket, State},
};

/// For so many outputs a session keeps room: most things that happen make one.
const FEW: usize = 1;

/// One connection, with all its sockets. `T` is what the application needs to know who asked for an
/// answer.
#[derive(Debug)]
pub struct Session<T> {
    pub(crate) config: Config,
    parser: Arc<dyn Parser>,
    reassembly: Reassembly,
    /// In the order in which they joined.
    pub(crate) sockets: Vec<Socket<T>>,
    pub(crate) last_key: u64,
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
            last_key: 0,
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
        let output = self.output.pop_front();
        if output.is_none() {
            self.output.shrink_to(FEW); // a flood took more
        }
        output
    }

    fn handle_packet(&mut self, packet: Packet) -> Result<(), Violation> {
        match packet {
            Packet::Connect { nsp, data } => self.handle_connect(&nsp, data)?,
            Packet::Event { nsp, ack, name, args } => {
                self.refuse_uninvited(&nsp, "an EVENT")?;
                self.handle_event(&nsp, ack, name, args);
            }
            Packet::Ack { nsp, id, args } => {
                self.refuse_uninvited(&nsp, "an ACK")?;
                self.handle_ack(&nsp, id, args);
            }
            Packet::Disconnect { nsp } => {
                self.refuse_uninvited(&nsp, "a DISCONNECT")?;
                self.handle_disconnect(&nsp);
            }
            Packet::ConnectError { .. } => return Err(Violation::ConnectError),
        }
        Ok(())
    }

    /// The socket in a namespace, whatever its state.
    pub(crate) fn find(&self, nsp: &Namespace) -> Option<&Socket<T>> {
        self.sockets.iter().find(|socket| socket.nsp == *nsp)
    }

    pub(crate) fn connected_mut(&mut self, key: SocketKey) -> Option<&mut Socket<T>> {
        let mut sockets = self.sockets.iter_mut();
        sockets.find(|socket| socket.key == key && socket.state == State::Connected)
    }

    /// A packet of the protocol's own.
    pub(crate) fn send_own(&mut self, packet: &Outgoing<'_>) {
        let packet = self.parser.encode(packet).expect("a value of ours, in a namespace that came");
        self.output.push_back(Output::Send(packet));
    }
}
