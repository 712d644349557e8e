use std::time::Duration;

use http_message::Limits;

/// What clients may cost the server: how many, how much, for how long.
///
/// Every wait for a client ends by one of these times. The handler's own work has no limit here:
/// the application knows how long it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How large a request may be.
    pub limits: Limits,
    /// The most connections at once: 1024; 0 counts as 1. Beyond it none is accepted until one ends.
    ///
    /// Those who wait do so in the kernel's backlog, where they cost no task and no descriptor, and
    /// they are served as soon as there is room. A 503 would tell them sooner, at the price of an
    /// accept and a write for each, which is work that a flood can ask for without end.
    pub max_connections: usize,
    /// How long a connection may wait for the first byte of a request: 60 s. Then it is closed
    /// without a word, for nothing was asked.
    pub idle_timeout: Duration,
    /// How long a request may take from its first byte to its last: 30 s. Then: 408. A byte that
    /// arrives does not renew it, so slowness buys no time.
    pub request_deadline: Duration,
    /// How long a client may take to read one answer: 30 s. Then the connection is cut.
    pub write_deadline: Duration,
    /// How long the server goes on reading, and discarding, after its last answer: 2 s. See
    /// [`linger_bytes`](Self::linger_bytes).
    pub linger: Duration,
    /// How many bytes are discarded at most: 1 MiB. A connection that is closed with bytes unread is
    /// reset, and a reset may take the answer away before the client has read it.
    pub linger_bytes: u64,
    /// How long connections may take to end after a stop: 10 s. Then they are cut.
    pub shutdown_grace: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            max_connections: 1024,
            idle_timeout: Duration::from_secs(60),
            request_deadline: Duration::from_secs(30),
            write_deadline: Duration::from_secs(30),
            linger: Duration::from_secs(2),
            linger_bytes: 1 << 20,
            shutdown_grace: Duration::from_secs(10),
        }
    }
}
