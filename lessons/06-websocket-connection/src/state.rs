use std::time::Instant;

use crate::Closure;

/// How far the close handshake has come (RFC 6455, section 7.1).
///
/// ```text
///             our close                the peer's close
///   Open ───────────────▶ Closing ──────────────────────▶ Leaving (a client)
///    │                       │                               │
///    │ the peer's close      │ the same (a server),          │ end of TCP,
///    │ (a client: Leaving)   │ close_timeout                 │ close_timeout
///    ▼                       ▼                               ▼
///   Closed ◀─────────────────┴───────────────────────────────┘
/// ```
///
/// A fault of the peer, and the end of TCP, lead to `Closed` from everywhere.
#[derive(Debug)]
pub(crate) enum State {
    Open,
    /// We have said that we close; the peer may still speak.
    Closing {
        deadline: Option<Instant>,
    },
    /// Both have said it. The TCP connection "SHOULD be closed first by the server, so that it holds
    /// the TIME_WAIT state and not the client" (section 7.1.1), so a client waits for that.
    Leaving {
        closure: Closure,
        deadline: Option<Instant>,
    },
    Closed,
}
