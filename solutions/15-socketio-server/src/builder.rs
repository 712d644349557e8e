use std::sync::{Arc, atomic::AtomicBool};
use std::time::Duration;

use engineio_server::{Cors, SlowConsumer};
use socketio_packet::Parser;
use socketio_rooms::RecoveryLog;

use crate::recovery::Recovery;
use crate::settings::{RESERVE, Settings};
use crate::shared::Shared;
use crate::{Adapter, Local, Problem, Server};

/// The settings of a [`Server`], each with the reference's default, where it has one.
#[derive(Debug)]
#[must_use]
pub struct Builder {
    engine: engineio_server::Builder,
    settings: Settings,
    /// `None`: it follows `max_payload`.
    max_pending: Option<usize>,
}

impl Default for Builder {
    fn default() -> Self {
        let engine = engineio_server::Server::builder().path("/socket.io/");
        Self { engine, settings: Settings::default(), max_pending: None }
    }
}

impl Builder {
    /// Which paths are the server's: those that begin with `/socket.io/`. A slash is added at the end.
    pub fn path(self, path: &str) -> Self {
        self.engine(|engine| engine.path(path))
    }

    /// How long after a pong, or the beginning, a client is pinged: 25 s. A proxy between the two must let
    /// a connection be silent for longer than this.
    pub fn ping_interval(self, interval: Duration) -> Self {
        self.engine(|engine| engine.ping_interval(interval))
    }

    /// How long a client may take to answer a ping: 20 s. Beyond, it counts as gone.
    pub fn ping_timeout(self, timeout: Duration) -> Self {
        self.engine(|engine| engine.ping_timeout(timeout))
    }

    /// The longest message, in bytes: 1,000,000. See [`engine::Builder::max_payload`](engineio_server::Builder::max_payload).
    /// The names and the `auth` of all namespaces that a connection is in are no longer together.
    pub fn max_payload(self, bytes: u64) -> Self {
        self.engine(|engine| engine.max_payload(bytes))
    }

    /// Which pages of other origins may poll: none.
    pub fn cors(self, cors: Cors) -> Self {
        self.engine(|engine| engine.cors(cors))
    }

    /// All other settings of the Engine.IO server below: transports, cookies, who may open a connection. How
    /// much may wait for a client is set here, not there.
    pub fn engine(
        self,
        change: impl FnOnce(engineio_server::Builder) -> engineio_server::Builder,
    ) -> Self {
        Self { engine: change(self.engine), ..self }
    }

    /// How long a connection may take until it has joined its first namespace: 45 s. Beyond, it
    /// is closed.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.session.connect_timeout = timeout;
        self
    }

    /// In how many namespaces one connection may be: 100. One more refuses the client, who stays in the
    /// others.
    pub fn max_namespaces(mut self, namespaces: usize) -> Self {
        self.settings.session.max_namespaces = namespaces;
        self
    }

    /// How long a call waits for its answer, if it does not say so itself: 10 s. Beyond:
    /// [`CallError::TimedOut`](crate::CallError::TimedOut).
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.settings.call_timeout = timeout;
        self
    }

    /// Keeps what was said for clients whose connection breaks: whoever comes back in time is who they
    /// were, with the same id, rooms and data, and hears what they missed. Not unless this is called.
    ///
    /// Each event then bears an offset, as its last argument. [`Namespace::auth`](crate::Namespace::auth) and
    /// `on_connect` are asked as for anybody else: a token may have expired meanwhile. The log is asked under a
    /// lock: it must not send anything itself.
    pub fn recovery(mut self, log: impl RecoveryLog + 'static) -> Self {
        self.settings.recovery = Some(Arc::new(Recovery::new(log)));
        self
    }

    /// How many bytes may wait for a client: 16 MiB, here and once more in the Engine.IO server below,
    /// which gets 16 KiB more, for what the protocol itself says.
    pub fn max_buffered(mut self, bytes: usize) -> Self {
        self.settings.max_buffered = bytes;
        self
    }

    /// What happens to a client for which more waits: it is disconnected. Or the newest events and answers
    /// are dropped; but never that it is let in or made to leave, unless there is no room even for that:
    /// then it is disconnected all the same.
    pub fn slow_consumer(mut self, policy: SlowConsumer) -> Self {
        self.settings.slow_consumer = policy;
        self
    }

    /// How many bytes of a connection's events may wait for their handlers before nothing more is read: 4
    /// times `max_payload`. One event may wait, however large it is, even if this is 0. While any call waits
    /// for an answer of this client, reading goes on, and at twice as much the connection ends.
    ///
    /// Not counted is what handlers hold that have begun: the arguments of one event in each namespace, and of as many
    /// more as [`Namespace::concurrent`](crate::Namespace::concurrent) says.
    pub fn max_pending(mut self, bytes: usize) -> Self {
        self.max_pending = Some(bytes);
        self
    }

    /// How packets become messages: [`Json`](crate::Json). Both ends use the same parser.
    pub fn parser(mut self, parser: impl Parser + 'static) -> Self {
        self.settings.parser = Arc::new(parser);
        self
    }

    /// The other servers that act as one with this one: [none](crate::Alone).
    pub fn adapter(mut self, adapter: impl Adapter) -> Self {
        self.settings.adapter = Arc::new(adapter);
        self
    }

    /// What is done with a [`Problem`]: `tracing::warn!`. If this panics, the connection is cut off.
    pub fn on_problem(mut self, hook: impl Fn(&Problem) + Send + Sync + 'static) -> Self {
        self.settings.on_problem = Box::new(hook);
        self
    }

    /// The server.
    #[must_use]
    pub fn build(mut self) -> Server {
        // What is dropped is dropped before it gets there: a packet is several messages.
        let limit = self.settings.max_buffered.saturating_add(RESERVE);
        let engine = self.engine.max_buffered(limit).slow_consumer(SlowConsumer::Disconnect);
        let engine = engine.build();
        let max_payload = usize::try_from(engine.max_payload()).unwrap_or(usize::MAX);
        let max_pending = self.max_pending.unwrap_or(max_payload.saturating_mul(4));
        self.settings.max_payload = max_payload;
        self.settings.max_pending = max_pending.max(1); // one event may wait
        let shared = Arc::new(Shared {
            settings: Arc::new(self.settings),
            namespaces: Arc::default(),
            counters: Arc::default(),
            stopping: AtomicBool::new(false),
        });
        shared.settings.adapter.start(Local::new(Arc::downgrade(&shared)));
        let server = Server::new(engine, shared);
        let _ = server.of("/"); // the main namespace is there, whether somebody registers anything or not
        server
    }
}
