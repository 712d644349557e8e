use std::{collections::VecDeque, time::Instant};

use engineio_packet::{ByteString, EncodedMessage, Frame, Packet, Sid, Transport, payload};

use crate::{
    CloseReason, Config, Event, Heartbeat, Input, Output, Pulse, Rejected,
    heartbeat::later,
    state::{Probe, Requests, State},
};

/// One session, from its `open` packet to its end.
#[derive(Debug)]
pub struct Session {
    config: Config,
    state: State,
    heartbeat: Heartbeat,
    /// What waits for a GET, or for the end of an upgrade.
    outbox: VecDeque<Frame>,
    buffered: usize,
    output: VecDeque<Output>,
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
            Input::PostCancelled => Err(self.fail(CloseReason::RequestCancelled)),
            Input::WebSocketOpened => self.websocket_opened(now),
            Input::Frame(frame) => self.frame(frame, now),
            Input::WebSocketClosed => self.websocket_closed(now),
            Input::Send(message) => self.send(message),
            Input::Close => self.close_by_server(now),
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
        self.output.pop_front().or_else(|| self.answer_get())
    }

    /// How many bytes wait for a GET, or for the end of an upgrade.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffered
    }

    /// Whether a message would leave at once, rather than wait for a GET.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        match &self.state {
            State::Polling(requests) | State::Upgrading { requests, .. } => {
                requests.get && self.outbox.is_empty()
            }
            State::WebSocket => true,
            State::Closing { .. } | State::Closed => false,
        }
    }

    fn get(&mut self) -> Result<(), Rejected> {
        let requests = self.requests()?;
        if requests.get {
            return Err(self.fail(CloseReason::ConcurrentGet));
        }
        requests.get = true;
        if matches!(self.state, State::Closing { .. }) {
            self.end(CloseReason::ByServer);
        }
        Ok(())
    }

    fn get_cancelled(&mut self) -> Result<(), Rejected> {
        self.requests()?.get = false;
        Err(self.fail(CloseReason::RequestCancelled))
    }

    fn post_began(&mut self) -> Result<(), Rejected> {
        let requests = self.requests()?;
        if requests.post {
            return Err(self.fail(CloseReason::ConcurrentPost));
        }
        requests.post = true;
        Ok(())
    }

    fn post(&mut self, body: &ByteString, now: Instant) -> Result<(), Rejected> {
        self.requests()?.post = false;
        for frame in payload::decode(body) {
            self.packet(frame, now)?;
            if matches!(self.state, State::Closed) {
                break;
            }
        }
        Ok(())
    }

    /// The requests that are under way, if this session takes any.
    fn requests(&mut self) -> Result<&mut Requests, Rejected> {
        match &mut self.state {
            State::Polling(requests)
            | State::Upgrading { requests, .. }
            | State::Closing { requests, .. } => Ok(requests),
            State::WebSocket => Err(Rejected::OnWebSocket),
            State::Closed => Err(Rejected::Closed),
        }
    }

    fn websocket_opened(&mut self, now: Instant) -> Result<(), Rejected> {
        match self.state {
            State::Polling(_) if !self.config.allow_upgrades => Err(Rejected::UpgradesNotAllowed),
            State::Polling(requests) => {
                let deadline = later(now, self.config.upgrade_timeout);
                self.state = State::Upgrading { requests, probe: Probe::AwaitingPing, deadline };
                Ok(())
            }
            State::Upgrading { .. } | State::WebSocket => Err(Rejected::SecondWebSocket),
            State::Closing { .. } | State::Closed => Err(Rejected::Closed),
        }
    }

    fn frame(&mut self, frame: Frame, now: Instant) -> Result<(), Rejected> {
        match &mut self.state {
            State::WebSocket => self.packet(frame, now),
            State::Upgrading { probe, .. } => {
                match (*probe, Packet::decode(frame)) {
                    (Probe::AwaitingPing, Ok(Packet::Ping(payload)))
                        if payload == Packet::PROBE =>
                    {
                        *probe = Probe::AwaitingUpgrade { closing: false };
                        let pong = Packet::Pong(Packet::PROBE).encode();
                        self.output.push_back(Output::WebSocket(pong));
                    }
                    (Probe::AwaitingUpgrade { closing }, Ok(Packet::Upgrade)) => {
                        self.upgrade(now);
                        if closing {
                            self.end(CloseReason::ByServer);
                        }
                    }
                    _ => self.give_probe_up(now),
                }
                Ok(())
            }
            // A frame of a WebSocket that was given up.
            State::Polling(_) | State::Closing { .. } | State::Closed => Ok(()),
        }
    }

    /// From now on everything goes over the WebSocket, and first what waited.
    fn upgrade(&mut self, now: Instant) {
        if self.requests().is_ok_and(|requests| requests.get) {
            self.output.push_back(Output::AnswerGet(vec![Packet::Noop.encode()]));
        }
        self.state = State::WebSocket;
        self.heartbeat = Heartbeat::start(self.config.ping_interval, self.config.ping_timeout, now);
        self.output.push_back(Output::Event(Event::Upgraded));
        self.output.extend(self.outbox.drain(..).map(Output::WebSocket));
        self.buffered = 0;
    }

    /// The WebSocket is no good. The session stays on polling, as if it had never been tried.
    fn give_probe_up(&mut self, now: Instant) {
        if self.back_to_polling(now) {
            self.output.push_back(Output::CloseWebSocket);
        }
    }

    fn back_to_polling(&mut self, now: Instant) -> bool {
        let State::Upgrading { requests, probe, .. } = self.state else { return false };
        self.state = if probe == (Probe::AwaitingUpgrade { closing: true }) {
            State::Closing { requests, deadline: later(now, self.config.close_timeout) }
        } else {
            State::Polling(requests)
        };
        true
    }

    fn websocket_closed(&mut self, now: Instant) -> Result<(), Rejected> {
        if !self.back_to_polling(now) && matches!(self.state, State::WebSocket) {
            self.end(CloseReason::WebSocketClosed);
        }
        Ok(())
    }

    /// One packet, over the transport that the session is on.
    fn packet(&mut self, frame: Frame, now: Instant) -> Result<(), Rejected> {
        let packet =
            Packet::decode(frame).map_err(|error| self.fail(CloseReason::Malformed(error)))?;
        if matches!(self.state, State::Closing { .. }) && packet != Packet::Close {
            return Ok(());
        }
        match packet {
            Packet::Pong(_) => self.heartbeat.handle_pong(now),
            Packet::Message(message) => {
                self.heartbeat.handle_packet(now);
                self.output.push_back(Output::Event(Event::Message(message)));
            }
            Packet::Close => self.end(CloseReason::ByClient),
            Packet::Ping(_) => return Err(self.fail(unexpected("ping"))),
            Packet::Open(_) => return Err(self.fail(unexpected("open"))),
            Packet::Upgrade | Packet::Noop => self.heartbeat.handle_packet(now),
        }
        Ok(())
    }

    fn send(&mut self, message: EncodedMessage) -> Result<(), Rejected> {
        match self.state {
            State::Polling(_)
            | State::Upgrading { probe: Probe::AwaitingPing, .. }
            | State::Upgrading { probe: Probe::AwaitingUpgrade { closing: false }, .. }
            | State::WebSocket => {
                self.send_frame(message.into_frame());
                Ok(())
            }
            State::Upgrading { .. } | State::Closing { .. } | State::Closed => {
                Err(Rejected::Closed)
            }
        }
    }

    fn send_frame(&mut self, frame: Frame) {
        if let State::WebSocket = self.state {
            self.output.push_back(Output::WebSocket(frame));
        } else {
            self.buffered += frame.text_len();
            self.outbox.push_back(frame);
        }
    }

    /// Everything that waits, for the GET that waits. A client that is about to upgrade waits for
    /// the end of its GET, so it gets an answer at once.
    fn answer_get(&mut self) -> Option<Output> {
        let hurry =
            matches!(self.state, State::Upgrading { probe: Probe::AwaitingUpgrade { .. }, .. });
        let requests = self.requests().ok()?;
        if !requests.get || (self.outbox.is_empty() && !hurry) {
            return None;
        }
        self.requests().ok()?.get = false;
        self.buffered = 0;
        if self.outbox.is_empty() {
            self.outbox.push_back(Packet::Noop.encode());
        }
        Some(Output::AnswerGet(self.outbox.drain(..).collect()))
    }

    fn close_by_server(&mut self, now: Instant) -> Result<(), Rejected> {
        let deadline = later(now, self.config.close_timeout);
        match &mut self.state {
            State::Polling(requests) if !requests.get => {
                self.state = State::Closing { requests: *requests, deadline };
            }
            State::Upgrading { requests, probe: Probe::AwaitingPing, .. } if !requests.get => {
                self.state = State::Closing { requests: *requests, deadline };
                self.output.push_back(Output::CloseWebSocket);
            }
            // The client polls no more: it will get the rest when it has upgraded.
            State::Upgrading { probe: Probe::AwaitingUpgrade { closing }, .. } => *closing = true,
            State::Closing { .. } => {}
            _ => self.end(CloseReason::ByServer),
        }
        Ok(())
    }

    /// Ends the session because of what the client did.
    fn fail(&mut self, reason: CloseReason) -> Rejected {
        self.end(reason.clone());
        Rejected::Fatal(reason)
    }

    /// The GET that waits takes what is left, and the word that it is over.
    fn end(&mut self, reason: CloseReason) {
        if self.requests().is_ok_and(|requests| requests.get) {
            let last = if reason == CloseReason::ByClient { Packet::Noop } else { Packet::Close };
            self.outbox.push_back(last.encode());
            self.output.push_back(Output::AnswerGet(self.outbox.drain(..).collect()));
        }
        let was = std::mem::replace(&mut self.state, State::Closed);
        let has_websocket = matches!(was, State::Upgrading { .. } | State::WebSocket);
        if has_websocket && reason != CloseReason::WebSocketClosed {
            self.output.push_back(Output::CloseWebSocket);
        }
        self.outbox = VecDeque::new();
        self.buffered = 0;
        self.output.push_back(Output::Event(Event::Closed(reason)));
    }
}

fn unexpected(came: &'static str) -> CloseReason {
    CloseReason::Unexpected { expected: "expected a pong, a message or a close", came }
}
