use std::time::Duration;

use engineio_packet::Transport;

use crate::gate::Gate;
use crate::{Cookie, Cors};

/// How a server and its sessions go. The defaults are the reference's, where it has one.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) session: engineio_session::Config,
    pub(crate) path: String,
    pub(crate) allow_request: Option<Gate>,
    pub(crate) cors: Option<Cors>,
    pub(crate) cookie: Option<Cookie>,
    /// From how many bytes on an answer is compressed.
    pub(crate) compression: Option<usize>,
    pub(crate) transports: Vec<Transport>,
    pub(crate) max_buffered: usize,
    pub(crate) slow_consumer: SlowConsumer,
    pub(crate) max_sessions: usize,
    pub(crate) head_timeout: Duration,
    pub(crate) body_timeout: Duration,
    pub(crate) write_timeout: Duration,
    pub(crate) shutdown_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            session: engineio_session::Config::default(),
            path: "/engine.io/".to_owned(),
            allow_request: None,
            cors: None,
            cookie: None,
            compression: Some(1024),
            transports: vec![Transport::Polling, Transport::WebSocket],
            max_buffered: 16 << 20,
            slow_consumer: SlowConsumer::default(),
            max_sessions: usize::MAX,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(10),
        }
    }
}

/// What happens when more waits for a client than [`max_buffered`](crate::Builder::max_buffered).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SlowConsumer {
    /// The session ends: a client that reconnects knows that it missed something.
    #[default]
    Disconnect,
    /// The message that does not fit is dropped. Right where the next one says it all anew.
    DropNewest,
}
