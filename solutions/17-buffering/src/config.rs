use crate::{Bound, Overflow};

/// How much a client lets wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Of packets to be sent when the connection is back: 1,000, and 4 MB. A server lets as many bytes wait for its
    /// handlers before it stops to read.
    pub to_send: Bound,
    /// What is lost beyond.
    pub overflow: Overflow,
    /// Of packets that are sent until they are answered: as many. Beyond, one more is refused.
    pub to_retry: Bound,
    /// How often a packet is sent again if no answer comes: 3 times.
    pub retries: u32,
    /// Of events that come before the reply to the CONNECT: 10,000, and 16 MiB. A server sends there what was
    /// missed.
    pub early: Bound,
}

impl Default for Config {
    fn default() -> Self {
        let packets = Bound { items: 1_000, bytes: 4_000_000 };
        Self {
            to_send: packets,
            overflow: Overflow::default(),
            to_retry: packets,
            retries: 3,
            early: Bound { items: 10_000, bytes: 16 << 20 },
        }
    }
}
