use std::time::Duration;

/// How much clients may take: of memory, of connections, of time, and of each other's patience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many are connected at once: 1000, a little less than the 1024 files that many systems let
    /// a process open. Beyond: 503.
    pub max_connections: usize,
    /// The longest message: 4 KiB. Beyond: close code 1009, at the header of the frame and before its
    /// payload is kept.
    pub max_message: usize,
    /// The longest name, in characters: 24. Beyond: an error message.
    pub max_name: usize,
    /// How many messages a client may send in a second, pings and pongs among them: 20, and no more
    /// bytes than that many of the longest have. Beyond: nothing is read from it until the second is
    /// over, and TCP lets it wait.
    pub max_rate: u32,
    /// How many bytes may wait for a client: 256 KiB. Beyond: close code 1008, and what waits is
    /// forgotten. As much again may be on its way into the socket.
    pub max_unread: usize,
    /// How long a client may take over what is sent to it at once, at most `max_unread`: 10 s. Beyond:
    /// close code 1008.
    pub write_deadline: Duration,
    /// How long a client may be silent before it is sent a ping: 25 s. Less than the 30 s and 60 s
    /// after which proxies commonly give up on a silent connection.
    pub ping_interval: Duration,
    /// How long it may then stay silent: 20 s. Beyond: nobody is there, and the connection is cut.
    pub ping_timeout: Duration,
    /// How long a client may take to send its one HTTP request and to take the answer: 10 s. Beyond:
    /// cut.
    pub request_deadline: Duration,
    /// How long the server waits for a client to answer its close: 2 s. Beyond: cut.
    pub close_deadline: Duration,
    /// How long the server waits for its connections to end when it stops: 5 s. Beyond: cut.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 1000,
            max_message: 4 << 10,
            max_name: 24,
            max_rate: 20,
            max_unread: 256 << 10,
            write_deadline: Duration::from_secs(10),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            request_deadline: Duration::from_secs(10),
            close_deadline: Duration::from_secs(2),
            shutdown_grace: Duration::from_secs(5),
        }
    }
}
