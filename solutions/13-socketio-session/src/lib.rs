//! One Socket.IO v5 connection, as the server sees it, without any I/O.
//!
//! Over one Engine.IO connection a client speaks in several namespaces. In each that it is let into it
//! has a *socket*: an id of its own, events of its own, acknowledgements of its own. A [`Session`] is
//! told what came ([`Session::handle_message`]) and what the application wants, and says what is to be
//! done ([`Output`]).
//!
//! ```text
//!              CONNECT              accept                 DISCONNECT
//!  (nothing) ──────────▶ Connecting ──────▶ Connected ────────────────▶ (nothing)
//!      ▲                     │                  │
//!      └────── refuse ───────┘                  └─ disconnect ─▶ Left ─ CONNECT ─▶ Connecting
//! ```
//!
//! Whoever drives it repeats three things: hand in what happened, drain [`Session::poll_output`] to
//! its end, and wait for the next, no longer than until [`Session::poll_timeout`].
//!
//! Not here: who may come into which namespace, handlers, rooms. The layers above know.

mod socket_id;
mod socket_key;

mod ack_token;
mod acks;

mod config;
mod output;
mod refusal;

mod disconnect_reason;
mod violation;

mod session;
mod socket;

mod acknowledging;
mod connecting;
mod leaving;
mod recovering;
mod speaking;

pub use ack_token::AckToken;
pub use acks::Acks;
pub use config::Config;
pub use disconnect_reason::DisconnectReason;
pub use engineio_session::CloseReason;
pub use output::{Event, NoAnswer, Output};
pub use refusal::Refusal;
pub use session::Session;
pub use socket_id::SocketId;
pub use socket_key::SocketKey;
pub use violation::Violation;
