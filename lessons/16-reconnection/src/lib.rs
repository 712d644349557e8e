//! When a client dials, waits, and dials again, without any I/O.
//!
//! A [`Manager`] looks after the one connection of a client. It is told what happened and when, and says
//! what is to be done ([`Output`]): dial, hang up, tell the application. After a failure it waits as long as
//! its [`Backoff`] says: longer each time, and not as long as everybody else.
//!
//! ```text
//!            open               opened
//!  Closed ──────────▶ Opening ──────────▶ Open
//!                      ▲   │                │
//!            time's up │   │ failed,        │ closed, for a
//!                      │   ▼ too late       │ reason that reconnects
//!                     Waiting ◀─────────────┘
//!
//!  Closed ◀──── from any of them: close; no attempt left; a reason that does not reconnect
//! ```
//!
//! ```
//! use lesson_16_reconnection::{Manager, Output, Reconnection};
//! use std::time::{Duration, Instant};
//!
//! let mut now = Instant::now();
//! let mut manager = Manager::new(Reconnection::default());
//! manager.open(now);
//! let Some(Output::Dial(dial)) = manager.poll_output() else { panic!("it dials") };
//! manager.handle_failed(dial, "connection refused", now, 0.25);
//!
//! now += Duration::from_millis(875); // 1 s, less a quarter of the 50 % that chance may take
//! assert_eq!(manager.poll_timeout(), Some(now));
//! ```
//!
//! Whoever drives it repeats three things: hand in what happened, drain [`Manager::poll_output`] to its end,
//! and wait for what happens next, no longer than until [`Manager::poll_timeout`].
//!
//! Not here: sockets, tasks, a clock, a source of random numbers. Lesson 18, `socketio-client`, has those.

mod backoff;
mod settings;

mod disconnect_reason;
mod output;

mod manager;
mod retrying;
mod state;

pub use backoff::Backoff;
pub use disconnect_reason::DisconnectReason;
pub use manager::Manager;
pub use output::{Dial, DialError, ManagerEvent, Output};
pub use settings::{Clamp, Delays, Reconnection};
pub use state::State;
