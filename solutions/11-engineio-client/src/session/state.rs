use std::time::Instant;

/// Where the session's packets travel, with only what is true of that state.
#[derive(Debug)]
pub(super) enum State {
    /// By GET and POST.
    Polling(Requests),
    /// By GET and POST still, while a WebSocket is dialled and tried.
    Probing { requests: Requests, deadline: Instant },
    /// The server answered the probe. When the requests that are under way have ended, the session
    /// moves. The application may have closed it since.
    Pausing { requests: Requests, closing: bool, deadline: Instant },
    /// By WebSocket.
    WebSocket,
    /// Closed by us on polling: the last packets are under way, and the goodbye once it is `said`.
    Closing { requests: Requests, deadline: Instant, said: bool },
    /// Nowhere.
    Closed,
}

/// Our requests that are under way: one of each kind at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Requests {
    pub(super) get: bool,
    pub(super) post: bool,
}
