use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use engineio_packet::{ByteString, Frame, Handshake, Packet, Transport, payload};

use super::{
    Session, later,
    state::{Requests, State},
};
use crate::{Config, OpenError, Output};

impl Session {
    /// A session whose handshake came by polling, in this body. Packets may follow the handshake.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the body does not begin with an open packet.
    pub fn open_polling(
        body: &ByteString,
        config: Config,
        now: Instant,
    ) -> Result<Self, OpenError> {
        let mut frames = payload::decode(body);
        let first = frames.next().expect("an empty body is one empty frame");
        let handshake = read_handshake(first)?;
        let mut session = Self::new(handshake, State::Polling(Requests::default()), config, now);
        session.hear(frames, now);
        session.poll_again();
        session.try_websocket(now);
        Ok(session)
    }

    /// A session whose handshake came over a WebSocket, in this frame.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the frame is no open packet.
    pub fn open_websocket(frame: Frame, config: Config, now: Instant) -> Result<Self, OpenError> {
        Ok(Self::new(read_handshake(frame)?, State::WebSocket, config, now))
    }

    fn new(handshake: Handshake, state: State, config: Config, now: Instant) -> Self {
        let transport = match state {
            State::WebSocket => Transport::WebSocket,
            _ => Transport::Polling,
        };
        let mut session = Self {
            config,
            handshake,
            transport,
            state,
            silence: later(now, Duration::MAX),
            outbox: VecDeque::new(),
            buffered: 0,
            output: VecDeque::new(),
        };
        session.heard_a_ping(now);
        session
    }

    /// The server is there. It promised to ping within the interval; the timeout is what we allow a slow
    /// network.
    pub(super) fn heard_a_ping(&mut self, now: Instant) {
        // TODO step 11.3: Silence
        //
        // The server pings every `pingInterval`, and allows `pingTimeout` for a slow network: a
        // client that hears no ping for both together knows that nobody is there. `heard_a_ping`
        // sets `self.silence`, the time at which that is so; until you write it, the client waits
        // for ever. `packet` does what the server says: a ping is answered with an empty pong, and
        // heard; a message is an event for the application; a noop is nothing, and so is a pong; a
        // close ends the session (`CloseReason::ByServer`); an open and an upgrade must not come
        // from a server now (`CloseReason::Unexpected`). (Engine.IO protocol, "Heartbeat")
        //
        // Stuck? cargo course hint 11.3
        ()
    }

    fn try_websocket(&mut self, now: Instant) {
        let State::Polling(requests) = self.state else { return };
        if self.may_upgrade() {
            let deadline = later(now, self.config.upgrade_timeout);
            self.state = State::Probing { requests, deadline };
            self.output.push_back(Output::OpenWebSocket);
        }
    }

    /// Whether both ends want a WebSocket.
    fn may_upgrade(&self) -> bool {
        // TODO step 11.1, continued: see `read_handshake` in src/session/opening.rs
        todo!("step 11.1: The handshake (cargo course hint 11.1)")
    }
}

/// The first thing that a server says.
fn read_handshake(first: Frame) -> Result<Handshake, OpenError> {
    // TODO step 11.1: The handshake
    //
    // The first thing that a server says is an open packet: its session id, how often it pings, how
    // much it takes at once, and where the session may move to. Read it. If another packet came,
    // say which (`OpenError::NotOpen`, with its `Debug` form): this is what a client meets whose
    // URL leads to another kind of server. Then `may_upgrade` says whether a WebSocket is tried: if
    // our configuration wants it, and the server offers it. (Engine.IO protocol, "Handshake")
    //
    // Stuck? cargo course hint 11.1
    todo!("step 11.1: The handshake (cargo course hint 11.1)")
}
