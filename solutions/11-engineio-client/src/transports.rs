use engineio_packet::Transport;

/// How a client gets to its server, and how it stays there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transports {
    /// Begin on polling, which passes wherever a web page passes, and move to a WebSocket if that works.
    /// The reference's way.
    #[default]
    PollingThenUpgrade,
    /// Begin on a WebSocket: one request fewer, and no need of a load balancer that sends all requests
    /// of a session to the same server. Where WebSockets do not pass, fall back to polling, and stay.
    WebSocketFirst,
    /// A WebSocket, or nothing.
    WebSocketOnly,
    /// Polling, without ever trying a WebSocket.
    PollingOnly,
}

impl Transports {
    /// What a connection may begin on, in the order in which it is tried.
    #[must_use]
    pub fn order(self) -> &'static [Transport] {
        // ANCHOR: step_11_5
        match self {
            Self::PollingThenUpgrade | Self::PollingOnly => &[Transport::Polling],
            Self::WebSocketFirst => &[Transport::WebSocket, Transport::Polling],
            Self::WebSocketOnly => &[Transport::WebSocket],
        }
        // ANCHOR_END: step_11_5
    }
}
