use std::time::Instant;

/// Where the session's packets travel, with only what is true of that state.
#[derive(Debug)]
pub(crate) enum State {
    /// By GET and POST.
    Polling(Requests),
    /// By GET and POST still, while a WebSocket is tried.
    Upgrading { requests: Requests, probe: Probe, deadline: Instant },
    /// By WebSocket.
    WebSocket,
    /// Closed by us on polling: the next GET takes what is left.
    Closing { requests: Requests, deadline: Instant },
    /// Nowhere.
    Closed,
}

/// The client's requests that are under way: one of each kind at most.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Requests {
    pub(crate) get: bool,
    pub(crate) post: bool,
}

/// How far the trial of a WebSocket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// `2probe` is to come.
    Awaited,
    /// We answered `3probe`; `5` is to come. The application may have closed the session since.
    Answered { closing: bool },
}
