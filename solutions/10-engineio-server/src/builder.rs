use std::sync::Arc;
use std::time::Duration;

use engineio_packet::Transport;

use crate::gate::Gate;
use crate::settings::{Settings, SlowConsumer};
use crate::shared::Shared;
use crate::{Cookie, Cors, RequestHead, Server};

/// The settings of a [`Server`], each with the reference's default.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    settings: Settings,
}

impl Builder {
    /// How long after a pong, or the beginning, a client is pinged: 25 s.
    ///
    /// A proxy between the two must let a connection be silent for longer than this.
    #[must_use]
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.settings.session.ping_interval = interval;
        self
    }

    /// How long a client may take to answer a ping: 20 s.
    #[must_use]
    pub fn ping_timeout(mut self, timeout: Duration) -> Self {
        self.settings.session.ping_timeout = timeout;
        self
    }

    /// How long a WebSocket may take from its opening until the session has moved to it: 10 s.
    #[must_use]
    pub fn upgrade_timeout(mut self, timeout: Duration) -> Self {
        self.settings.session.upgrade_timeout = timeout;
        self
    }

    /// How long a session on polling that was closed waits for the GET that tells its client so: 30 s.
    #[must_use]
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.settings.session.close_timeout = timeout;
        self
    }

    /// The longest body of a POST and the longest WebSocket message, in bytes: 1,000,000. Beyond: 413,
    /// or the WebSocket is closed with code 1009. The packet's type counts, and on polling base64.
    #[must_use]
    pub fn max_payload(mut self, bytes: u64) -> Self {
        self.settings.session.max_payload = bytes;
        self
    }

    /// The transports that are offered: polling and WebSocket.
    #[must_use]
    pub fn transports(mut self, transports: impl IntoIterator<Item = Transport>) -> Self {
        self.settings.transports = transports.into_iter().collect();
        self
    }

    /// Whether a session that began on polling may move to a WebSocket: yes.
    #[must_use]
    pub fn allow_upgrades(mut self, allow: bool) -> Self {
        self.settings.session.allow_upgrades = allow;
        self
    }

    /// Which paths are the server's: those that begin with `/engine.io/`. A slash is added at the end.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        let path = path.trim_matches('/');
        self.settings.path = if path.is_empty() { "/".to_owned() } else { format!("/{path}/") };
        self
    }

    /// Asks whether a request may open a session: each may. `Err` says why not, which the client is
    /// told with a 403.
    ///
    /// It is asked on both transports, and only here can a WebSocket be refused by what its request
    /// says: an `Origin`, a cookie, a token. Pages of other origins are kept away by [`cors`](Self::cors)
    /// from polling, and by nothing but this from a WebSocket.
    #[must_use]
    pub fn allow_request<F, Fut>(mut self, allow: F) -> Self
    where
        F: Fn(Arc<RequestHead>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.settings.allow_request = Some(Gate::new(allow));
        self
    }

    /// Which pages of other origins may poll: none.
    #[must_use]
    pub fn cors(mut self, cors: Cors) -> Self {
        self.settings.cors = Some(cors);
        self
    }

    /// The cookie that a session on polling is given, for a proxy that has to find its server: none.
    #[must_use]
    pub fn cookie(mut self, cookie: Cookie) -> Self {
        self.settings.cookie = Some(cookie);
        self
    }

    /// From how many bytes on the answer to a GET is compressed, if the client takes that: 1024.
    /// `None`: never.
    ///
    /// What a page can put into an answer beside a secret, and whose length it sees, tells it about the
    /// secret (the BREACH attack).
    #[must_use]
    pub fn http_compression(mut self, threshold: Option<usize>) -> Self {
        self.settings.compression = threshold;
        self
    }

    /// How many bytes may wait for a client: 16 MiB. Nothing is allocated before it is needed.
    #[must_use]
    pub fn max_buffered(mut self, bytes: usize) -> Self {
        self.settings.max_buffered = bytes;
        self
    }

    /// What happens to a client for which more waits: it is disconnected.
    #[must_use]
    pub fn slow_consumer(mut self, policy: SlowConsumer) -> Self {
        self.settings.slow_consumer = policy;
        self
    }

    /// How many sessions there may be at once: any number. Beyond: 503.
    #[must_use]
    pub fn max_sessions(mut self, sessions: usize) -> Self {
        self.settings.max_sessions = sessions;
        self
    }

    /// How long a client may take over a request's head, and over nothing between two requests: 30 s.
    /// It holds for connections that this crate accepts or [serves](Server::serve_connection).
    #[must_use]
    pub fn head_timeout(mut self, timeout: Duration) -> Self {
        self.settings.head_timeout = timeout;
        self
    }

    /// For how long a client may take nothing of an answer that is under way: 30 s. It holds for
    /// connections that this crate accepts or [serves](Server::serve_connection).
    #[must_use]
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.settings.write_timeout = timeout;
        self
    }

    /// How long the body of a POST may take: 30 s. Beyond: 408.
    #[must_use]
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.settings.body_timeout = timeout;
        self
    }

    /// How long [`Server::shutdown`] waits for sessions to end: 10 s. What is left is cut.
    #[must_use]
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.settings.shutdown_timeout = timeout;
        self
    }

    /// The server.
    #[must_use]
    pub fn build(mut self) -> Server {
        // A session is told to move only to what is offered.
        self.settings.session.allow_upgrades &=
            self.settings.transports.contains(&Transport::WebSocket);
        Server::new(Arc::new(Shared::new(self.settings)))
    }
}
