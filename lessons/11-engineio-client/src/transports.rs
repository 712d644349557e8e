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
        // TODO step 11.5: Dial, and fall back
        //
        // So far the client dials a WebSocket and knows no other way: run `engineio-cli` against a
        // proxy that forbids them, and see it fail. `order` says which transports a connection may
        // begin on: polling for `PollingThenUpgrade` and `PollingOnly`, a WebSocket and then
        // polling for `WebSocketFirst`, a WebSocket alone for `WebSocketOnly`. `connect` tries them
        // in that order; the first that carries a session wins, and if none does, all that was
        // tried is told. `message_of` takes from a refusal what helps: the `message` of the
        // reference's JSON, or else the text itself, trimmed; nothing if that is longer than
        // `LONGEST`, begins with `<` or holds a control character.
        //
        // Stuck? cargo course hint 11.5
        todo!("step 11.5: Dial, and fall back (cargo course hint 11.5)")
    }
}
