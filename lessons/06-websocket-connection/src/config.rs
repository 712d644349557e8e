use std::time::Duration;

use crate::KeepAlive;

/// What a peer may cost, and how long it may be silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The longest message that is taken, in bytes, all its frames together: 1 MiB. Beyond: 1009.
    pub max_message: usize,
    /// How many bytes may wait to be sent: 4 MiB. Beyond, nothing more is taken to be sent. The headers
    /// of the last message that is taken come on top: with a small `max_frame` they are many.
    pub max_buffered: usize,
    /// The longest payload of a frame that is sent: no limit. A longer message is sent in fragments; 0
    /// counts as 1.
    pub max_frame: usize,
    /// How a peer that has vanished is noticed.
    pub keep_alive: Option<KeepAlive>,
    /// How long a peer may take to answer a close, or to end the TCP connection after it: 5 s.
    pub close_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_message: 1 << 20,
            max_buffered: 4 << 20,
            max_frame: usize::MAX,
            keep_alive: Some(KeepAlive::default()),
            close_timeout: Duration::from_secs(5),
        }
    }
}
