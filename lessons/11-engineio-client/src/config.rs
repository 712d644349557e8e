use std::time::Duration;

/// How a session goes, as far as the client decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Whether a session that began on polling tries to move to a WebSocket: yes.
    pub upgrade: bool,
    /// How long a WebSocket may take from its dialling to the server's `3probe`: 10 s.
    pub upgrade_timeout: Duration,
    /// How long the last packets may take to be delivered when the session is closed: 5 s.
    pub close_timeout: Duration,
    /// How many bytes may wait to be sent: 16 MiB. Beyond, nothing more is taken to be sent.
    pub max_buffered: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            upgrade: true,
            upgrade_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(5),
            max_buffered: 16 << 20,
        }
    }
}
