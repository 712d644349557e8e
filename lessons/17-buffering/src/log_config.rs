use std::time::Duration;

use crate::Bound;

/// How long a [`MemoryLog`](crate::MemoryLog) keeps what, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// How long a client may be away: 120 s, as in the reference.
    pub max_disconnection: Duration,
    /// How long a connection may be dead before the server knows: 45 s, a `ping_interval` and a
    /// `ping_timeout`. Events are kept for that much longer: what was sent into a dead connection is
    /// missed, too.
    pub unnoticed: Duration,
    /// How many events: 100,000, and 16 MiB. The oldest go first.
    pub events: Bound,
    /// How many sessions: 10,000, and 16 MiB. Whoever was lost first goes first.
    pub sessions: Bound,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            max_disconnection: Duration::from_secs(120),
            unnoticed: Duration::from_secs(45),
            events: Bound { items: 100_000, bytes: 16 << 20 },
            sessions: Bound { items: 10_000, bytes: 16 << 20 },
        }
    }
}
