//! What waits for a Socket.IO connection, on both of its sides, without any I/O.
//!
//! On the client's side a [`Mailroom`] decides of each packet whether it is sent, waits, or is dropped, and
//! in which order what waited leaves when the connection is back. Nothing waits without a [`Bound`], and
//! what is lost has a name: [`Overflow`], [`Dropped`], [`NoAnswer`].
//!
//! On the server's side a [`MemoryLog`] keeps for a while who was here, and what was said meanwhile: whoever
//! comes back in time finds their id, their rooms, and what they missed.
//!
//! ```
//! use std::time::Instant;
//! use lesson_17_buffering::{Config, Mailroom, Output};
//!
//! let mut room: Mailroom<_, (), ()> = Mailroom::new(&Config::default());
//! room.emit("a message", 9);
//! room.emit_volatile("where the mouse is");
//! room.handle_connect(Instant::now());
//! let done: Vec<_> = std::iter::from_fn(|| room.poll_output()).collect();
//! assert!(matches!(done[..], [
//!     Output::Dropped { packet: "where the mouse is", .. },
//!     Output::Send("a message"),
//!     Output::Connected,
//! ]));
//! ```
//!
//! Not here: when a connection is made again (`reconnection`), and what a packet is. The next layer,
//! `socketio-client`, drives all three.

mod backlog;
mod bound;

mod config;
mod output;

mod asking;
mod mailroom;
mod retry_queue;

mod log_config;
mod memory_log;
mod offsets;

pub use backlog::Backlog;
pub use bound::{Bound, Overflow};
pub use config::Config;
pub use log_config::LogConfig;
pub use mailroom::Mailroom;
pub use memory_log::MemoryLog;
pub use output::{Dropped, EarlyFlood, Output};
pub use retry_queue::{Retried, RetryQueue};
pub use socketio_session::NoAnswer;
