use std::{collections::VecDeque, time::Instant};

use engineio_packet::{ByteString, EncodedMessage, Frame, Packet, Sid, Transport};

use crate::{
    CloseReason, Config, Heartbeat, Input, Output, Pulse, Rejected,
    state::{Requests, State},
};

/// For so many outputs and frames a session keeps room. A queue goes round in its room: the less it has, the less of
/// the CPU's cache it takes.
const FEW: usize = 4;

/// One session, from its `open` packet to its end.
#[derive(Debug)]
pub struct Session {
    pub(crate) config: Config,
    pub(crate) state: State,
    pub(crate) heartbeat: Heartbeat,
    /// What waits for a GET, or for the end of an upgrade.
    pub(crate) outbox: VecDeque<Frame>,
    pub(crate) buffered: usize,
    pub(crate) output: VecDeque<Output>,
}

impl Session {
    /// A session that a GET opened. That GET waits: its answer is the `open` packet.
    #[must_use]
    pub fn open_polling(sid: Sid, config: Config, now: Instant) -> Self {
        let state = State::Polling(Requests { get: true, post: false });
        let open = Packet::Open(config.handshake(sid, Transport::Polling));
        let mut session = Self::new(config, state, now);
        session.send_frame(open.encode());
        session
    }

    /// A session that a WebSocket opened.
    #[must_use]
    pub fn open_websocket(sid: Sid, config: Config, now: Instant) -> Self {
        let open = Packet::Open(config.handshake(sid, Transport::WebSocket));
        let mut session = Self::new(config, State::WebSocket, now);
        session.send_frame(open.encode());
        session
    }

    fn new(config: Config, state: State, now: Instant) -> Self {
        let heartbeat = Heartbeat::start(config.ping_interval, config.ping_timeout, now);
        Self {
            config,
            state,
            heartbeat,
            outbox: VecDeque::new(),
            buffered: 0,
            output: VecDeque::new(),
        }
    }

    /// Tells the session what happened.
    ///
    /// # Errors
    ///
    /// [`Rejected`] if it was not taken. The session may have ended because of it.
    pub fn handle_input(&mut self, input: Input, now: Instant) -> Result<(), Rejected> {
        if matches!(self.state, State::Closed) {
            return Err(Rejected::Closed);
        }
        match input {
            Input::Get => self.get(),
            Input::GetCancelled => self.get_cancelled(),
            Input::PostBegan => self.post_began(),
            Input::Post(body) => self.post(&body, now),
            Input::PostCancelled => self.post_cancelled(),
            Input::PostRefused => self.post_refused(),
            Input::WebSocketOpened => self.websocket_opened(now),
            Input::Frame(frame) => self.frame(frame, now),
            Input::WebSocketClosed => self.websocket_closed(now),
            Input::Send(message) => self.send(message),
            Input::Close => self.close_by_server(now),
            Input::Fail(reason) => {
                self.end(reason);
                Ok(())
            }
        }
    }

    /// Tells the session that it is later now. A call before [`Session::poll_timeout`] does nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        match &self.state {
            State::Closed => return,
            State::Closing { deadline, .. } => {
                if now >= *deadline {
                    self.end(CloseReason::ByServer);
                }
                return;
            }
            State::Upgrading { deadline, .. } if now >= *deadline => self.give_probe_up(now),
            _ => {}
        }
        match self.heartbeat.handle_timeout(now) {
            Some(Pulse::Ping) => self.send_frame(Packet::Ping(ByteString::new()).encode()),
            Some(Pulse::Dead) => self.end(CloseReason::PingTimeout),
            None => {}
        }
    }

    /// When [`Session::handle_timeout`] is to be called; `None` once the session has ended.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Closed => None,
            State::Closing { deadline, .. } => Some(deadline),
            State::Upgrading { deadline, .. } => Some(deadline.min(self.heartbeat.poll_timeout())),
            State::Polling(_) | State::WebSocket => Some(self.heartbeat.poll_timeout()),
        }
    }

    /// What is to be done next, in order. Drain it before waiting: what waits for a GET is joined
    /// to one answer when all else was taken.
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.output.pop_front().or_else(|| self.answer_get());
        if output.is_none() {
            self.give_back();
        }
        output
    }

    /// Whether the next timeout sends a ping. Any other ends something because the peer was silent, and
    /// what the peer said before it is not silence: read that first.
    #[must_use]
    pub fn pings_next(&self) -> bool {
        self.beats_next() && !self.heartbeat.awaits_pong()
    }

    /// Whether the next timeout is the end of a peer that did not answer a ping.
    #[must_use]
    pub fn awaits_pong(&self) -> bool {
        self.heartbeat.awaits_pong() && self.beats_next()
    }

    fn beats_next(&self) -> bool {
        self.poll_timeout() == Some(self.heartbeat.poll_timeout())
    }

    /// How many bytes wait for a GET, or for the end of an upgrade. Those of a message count as what was
    /// sent: base64 comes with the answer.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffered
    }

    /// How many frames they are. Each takes room, however short it is.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.outbox.len()
    }

    /// Whether a message would leave at once, rather than wait for a GET.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        // ANCHOR: step_9_2_b
        match &self.state {
            State::Polling(requests) | State::Upgrading { requests, .. } => {
                requests.get && self.outbox.is_empty()
            }
            State::WebSocket => true,
            State::Closing { .. } | State::Closed => false,
        }
        // ANCHOR_END: step_9_2_b
    }

    fn send(&mut self, message: EncodedMessage) -> Result<(), Rejected> {
        if self.is_closing() {
            return Err(Rejected::Closed);
        }
        self.send_frame(message.into_frame());
        Ok(())
    }

    /// A body of a megabyte may hold half a million packets: the room that they took is not kept.
    fn give_back(&mut self) {
        self.output.shrink_to(FEW);
        if self.outbox.is_empty() {
            self.outbox.shrink_to(FEW);
        }
    }

    pub(crate) fn send_frame(&mut self, frame: Frame) {
        if let State::WebSocket = self.state {
            self.output.push_back(Output::WebSocket(frame));
        } else {
            self.buffered += frame.len();
            self.outbox.push_back(frame);
        }
    }
}
