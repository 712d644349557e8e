use std::time::Duration;

use engineio_packet::{Handshake, Sid, Transport};

/// How sessions go. The defaults are the reference's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How long after a pong, or the beginning, the client is pinged: 25 s.
    pub ping_interval: Duration,
    /// How long the client may take to answer a ping: 20 s.
    ///
    /// A proxy between the two must let a connection be silent for longer than the interval.
    pub ping_timeout: Duration,
    /// How long a WebSocket may take from its opening to the `upgrade` packet: 10 s.
    pub upgrade_timeout: Duration,
    /// How long a session that is closed on polling waits for the GET that takes the last packets:
    /// 30 s.
    pub close_timeout: Duration,
    /// The longest body of a POST, and the longest WebSocket message, in bytes: 1,000,000.
    pub max_payload: u64,
    /// Whether a session that began on polling may move to a WebSocket: yes.
    pub allow_upgrades: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            upgrade_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(30),
            max_payload: 1_000_000,
            allow_upgrades: true,
        }
    }
}

impl Config {
    /// What the client is told first.
    pub(crate) fn handshake(&self, sid: Sid, transport: Transport) -> Handshake {
        let may_upgrade = self.allow_upgrades && transport == Transport::Polling;
        Handshake {
            sid,
            upgrades: if may_upgrade { vec![Transport::WebSocket] } else { vec![] },
            ping_interval: self.ping_interval,
            ping_timeout: self.ping_timeout,
            max_payload: Some(self.max_payload),
        }
    }
}
