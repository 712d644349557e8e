mod reading;

use std::collections::VecDeque;
use std::time::Instant;

use websocket_frame::{FrameDecoder, MaskKey, Role};

use self::reading::Arriving;
use crate::assembly::Assembly;
use crate::keep_alive::{Beat, Pulse};
use crate::outbox::{Masks, Outbox};
use crate::state::State;
use crate::unread::Unread;
use crate::{Close, Closure, Config, Event, Fault, Message, SendError};

/// One end of a WebSocket connection after the handshake, without its socket and its clock.
///
/// Put in what happens with the `handle_` methods, and take out what follows from it: the bytes to
/// send with [`poll_transmit`](Self::poll_transmit), the news for the application with
/// [`poll_event`](Self::poll_event). They are two queues, and not one, because each has its own
/// reader: a peer that does not read must not keep the application from hearing, nor the other way.
#[derive(Debug)]
pub struct Connection {
    config: Config,
    role: Role,
    decoder: FrameDecoder,
    frame: Arriving,
    assembly: Assembly,
    outbox: Outbox,
    pulse: Option<Pulse>,
    state: State,
    events: VecDeque<Event>,
    unread: Unread,
    /// When bytes came last.
    came: Instant,
}

impl Connection {
    /// The server's end.
    #[must_use]
    pub fn server(config: Config, now: Instant) -> Self {
        Self::new(Role::Server, config, None, now)
    }

    /// The client's end. `masks` draws a key for each frame, unpredictably: see [`MaskKey`].
    #[must_use]
    pub fn client(
        config: Config,
        masks: impl FnMut() -> MaskKey + Send + 'static,
        now: Instant,
    ) -> Self {
        Self::new(Role::Client, config, Some(Box::new(masks)), now)
    }

    fn new(role: Role, config: Config, masks: Option<Masks>, now: Instant) -> Self {
        // How long a frame may be depends on those before it: the assembly decides.
        let frames = websocket_frame::Config { role, max_payload: u64::MAX };
        Self {
            role,
            decoder: FrameDecoder::new(frames),
            frame: Arriving::Data { is_final: true },
            assembly: Assembly::new(config.max_message),
            outbox: Outbox::new(&config, masks),
            pulse: config.keep_alive.map(|rhythm| Pulse::new(rhythm, now)),
            state: State::Open,
            events: VecDeque::new(),
            unread: Unread::default(),
            came: now,
            config,
        }
    }

    /// These bytes came. They are unmasked where they lie. What stands behind a message is kept, and
    /// read when the application has fetched that: its answer may go out before whatever follows.
    pub fn handle_bytes(&mut self, mut input: &mut [u8], now: Instant) {
        self.heard(now);
        self.came = now;
        if self.unread.is_empty() {
            self.read_some(&mut input);
        }
        self.unread.push(input);
    }

    /// The socket was full, and takes bytes again: the peer has read. That is a sign of life, too,
    /// and the only one of a peer that is busy with a long message and has nothing to say.
    pub fn handle_room(&mut self, now: Instant) {
        self.heard(now);
    }

    /// Nothing more will come: the TCP connection has ended, or it broke.
    pub fn handle_end(&mut self) {
        // What came before it is heard before it.
        self.events = std::iter::from_fn(|| self.poll_event()).collect();
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Open | State::Closing { .. } => self.end(Closure::Lost),
            State::Leaving { closure, .. } => self.end(closure),
            State::Closed => {}
        }
    }

    /// It is `now`, which may be the time that [`poll_timeout`](Self::poll_timeout) asked for.
    pub fn handle_timeout(&mut self, now: Instant) {
        match &self.state {
            State::Open => match self.pulse.as_mut().and_then(|pulse| pulse.beat(now)) {
                Some(Beat::Ping) => self.outbox.ping(),
                Some(Beat::Dead) => self.end(Closure::Silent),
                None => {}
            },
            State::Closing { deadline: Some(deadline) } if now >= *deadline => {
                self.end(Closure::Unanswered);
            }
            State::Leaving { deadline: Some(deadline), .. } if now >= *deadline => {
                self.handle_end();
            }
            State::Closing { .. } | State::Leaving { .. } | State::Closed => {}
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) has to be called, if nothing happens before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match &self.state {
            State::Open => self.pulse.as_ref().and_then(Pulse::deadline),
            State::Closing { deadline } | State::Leaving { deadline, .. } => *deadline,
            State::Closed => None,
        }
    }

    /// Says something to the peer. Nothing is said in part.
    ///
    /// # Errors
    ///
    /// When the connection closes, or when more than
    /// [`max_buffered`](Config::max_buffered) would wait.
    pub fn send(&mut self, message: &Message) -> Result<(), SendError> {
        match self.state {
            State::Open => self.outbox.message(message),
            _ => Err(SendError::Closed),
        }
    }

    /// Says that nothing more will be said, and why. The peer may go on until it has answered. Does
    /// nothing when it was said before.
    pub fn close(&mut self, close: Option<&Close>, now: Instant) {
        // ANCHOR: step_6_4_c
        if let State::Open = self.state {
            self.outbox.close(close);
            let deadline = now.checked_add(self.config.close_timeout);
            self.state = State::Closing { deadline };
        }
        // ANCHOR_END: step_6_4_c
    }

    /// All bytes that wait to be sent. Ask again only when these are sent: until then what waits is
    /// bounded, and where there is no room for a pong, a later one takes its place.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.outbox.take()
    }

    /// The next news.
    pub fn poll_event(&mut self) -> Option<Event> {
        if self.events.is_empty() && !self.unread.is_empty() {
            self.read_unread();
        }
        self.events.pop_front()
    }

    /// Whether there is news, or there may be some in what came behind it. As long as there is,
    /// reading on means to keep more and more of it.
    #[must_use]
    pub fn has_event(&self) -> bool {
        !self.events.is_empty() || !self.unread.is_empty()
    }

    /// Whether the connection has ended. What waits to be sent may be sent all the same, as far as the
    /// peer takes it.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// How many bytes are kept of frames and messages that are not complete.
    #[must_use]
    pub fn buffered(&self) -> usize {
        let control = match &self.frame {
            Arriving::Data { .. } => 0,
            Arriving::Control { payload, .. } => payload.len(),
        };
        self.decoder.buffered() + self.assembly.len() + control
    }

    /// What it was made with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    fn heard(&mut self, now: Instant) {
        if let Some(pulse) = &mut self.pulse {
            pulse.heard(now);
        }
    }

    fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// The peer has said that it closes. "If an endpoint receives a Close frame and did not
    /// previously send a Close frame, the endpoint MUST send a Close frame in response" (section
    /// 5.5.1), with the code that came.
    fn take_close(&mut self, close: Option<Close>) {
        // ANCHOR: step_6_4_d
        let closure = if self.is_open() {
            self.outbox.close(close.as_ref());
            Closure::ByPeer(close)
        } else {
            Closure::ByUs(close)
        };
        self.leave(closure);
        // ANCHOR_END: step_6_4_d
    }

    /// Both have closed. A server ends the TCP connection, a client waits for that.
    fn leave(&mut self, closure: Closure) {
        // ANCHOR: step_6_4_e
        match self.role {
            Role::Server => self.end(closure),
            Role::Client => {
                let deadline = self.came.checked_add(self.config.close_timeout);
                self.state = State::Leaving { closure, deadline };
            }
        }
        // ANCHOR_END: step_6_4_e
    }

    /// The peer broke the protocol: it is told why, and not listened to any more (section 7.1.7).
    fn fail(&mut self, fault: Fault) {
        if self.is_open() {
            self.outbox.close(Some(&Close::about(&fault)));
        }
        self.end(Closure::Failed(fault));
    }

    fn end(&mut self, closure: Closure) {
        self.state = State::Closed;
        self.assembly = Assembly::new(self.config.max_message);
        self.events.push_back(Event::Closed(closure));
    }
}
