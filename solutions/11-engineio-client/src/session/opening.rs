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
        // ANCHOR: step_11_3
        let silence = self.handshake.ping_interval.saturating_add(self.handshake.ping_timeout);
        self.silence = later(now, silence);
        // ANCHOR_END: step_11_3
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
        // ANCHOR: step_11_1_b
        self.config.upgrade && self.handshake.upgrades.contains(&Transport::WebSocket)
        // ANCHOR_END: step_11_1_b
    }
}

/// The first thing that a server says.
fn read_handshake(first: Frame) -> Result<Handshake, OpenError> {
    // ANCHOR: step_11_1
    match Packet::decode(first)? {
        Packet::Open(handshake) => Ok(handshake),
        other => Err(OpenError::NotOpen { came: format!("{other:?}") }),
    }
    // ANCHOR_END: step_11_1
}
