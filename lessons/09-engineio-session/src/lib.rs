//! One Engine.IO v4 session, as the server sees it, without any I/O.
//!
//! A [`Session`] is told what happened ([`Input`]) and when, and says what is to be done
//! ([`Output`]). It begins on polling and may move to a WebSocket, or begins on a WebSocket:
//!
//! ```text
//!  open_polling ──▶ Polling ──WebSocket opened──▶ Upgrading ──5──▶ WebSocket ◀── open_websocket
//!                   ▲  │                           │                  │
//!                   │  └──close──▶ Closing         │                  │
//!                   └───── the probe failed ───────┘                  │
//!                            Closed ◀──── from any of them ───────────┘
//! ```
//!
//! Whoever drives it repeats three things: hand in what happened, drain [`Session::poll_output`] to
//! its end, and wait for the next input, no longer than until [`Session::poll_timeout`].
//!
//! Not here: HTTP, WebSockets, tasks, clocks. The next layer, `engineio-server`, has those.

mod heartbeat;

mod config;
mod input;
mod output;

mod close_reason;
mod rejected;

mod session;
mod state;

mod closing;
mod incoming;
mod polling;
mod upgrade;

pub use close_reason::CloseReason;
pub use config::Config;
pub use heartbeat::{Heartbeat, Pulse};
pub use input::Input;
pub use output::{Event, Output};
pub use rejected::Rejected;
pub use session::Session;
