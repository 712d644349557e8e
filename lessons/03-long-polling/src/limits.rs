use std::time::Duration;

/// How much clients may take: of memory, of connections, of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many messages are kept: 100. An older one is forgotten; who has not seen it yet is told
    /// how many were missed. At least one is kept.
    pub keep: usize,
    /// The longest body: 2 KiB. Beyond: 413. It bounds a message as well, for a text is never longer
    /// than the JSON that carries it.
    pub max_body: usize,
    /// How many requests are held at once: 1000. Beyond: 503. Fewer than
    /// [`max_connections`](Self::max_connections), so that those who wait leave room for somebody
    /// to post.
    pub max_waiters: usize,
    /// How long a request is held at most, whatever it asks for: 25 s. Less than the 30 s and 60 s
    /// after which proxies commonly give up on a silent connection.
    pub max_wait: Duration,
    /// How many connections there are at once: 1024. The next one waits in the system's queue until
    /// one ends.
    pub max_connections: usize,
    /// How long a connection may take to bring the head of its next request: 10 s. Beyond: closed.
    pub head_deadline: Duration,
    /// How long a body may take to arrive: 10 s. Beyond: 408.
    pub body_deadline: Duration,
    /// How long a client may take none of what the server has to say: 10 s. Beyond: closed.
    pub write_deadline: Duration,
    /// How long the server waits for its connections to end when it stops: 5 s. Beyond: cut.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            keep: 100,
            max_body: 2 << 10,
            max_waiters: 1000,
            max_wait: Duration::from_secs(25),
            max_connections: 1024,
            head_deadline: Duration::from_secs(10),
            body_deadline: Duration::from_secs(10),
            write_deadline: Duration::from_secs(10),
            shutdown_grace: Duration::from_secs(5),
        }
    }
}
