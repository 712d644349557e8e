//! An Engine.IO v4 client.
//!
//! A [`Session`] is the machine: what the client does with a connection once the handshake came,
//! without any I/O. It mirrors the server's, of `engineio-session`: it is told what happened
//! ([`Input`]) and when, and says what is to be done ([`Output`]).
//!
//! ```text
//!  open_polling ──▶ Polling ──OpenWebSocket──▶ Probing ──3probe──▶ Pausing ──5──▶ WebSocket
//!                      ▲                          │                   │              ▲
//!                      └──── the probe failed ────┴───────────────────┘              │
//!                                                             open_websocket ────────┘
//! ```

mod batch;

mod close_reason;
mod config;
mod input;
mod output;
mod refused;

mod session;

pub use batch::take_batch;
pub use close_reason::CloseReason;
pub use config::Config;
pub use input::Input;
pub use output::{Event, Output};
pub use refused::{OpenError, SendError};
pub use session::Session;
