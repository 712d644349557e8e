//! A message board whose news arrives while the client waits.
//!
//! HTTP lets a server answer and never begin. This crate shows the two ways around it that need
//! nothing but HTTP: *short polling*, where the client asks again and again, and *long-polling*,
//! where the server holds the question until it has an answer. The second is what Engine.IO falls
//! back to when no WebSocket can be had.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | a page to try both with |
//! | `GET /messages?since=3` | at once: what came after message 3, be it nothing |
//! | `GET /messages?since=3&wait=25` | as soon as there is such a message, or after 25 seconds |
//! | `POST /messages` with `{"text":"…"}` | the message, with its number |
//!
//! ```
//! use lesson_03_long_polling::{Board, Limits};
//!
//! let board = Board::new(&Limits::default());
//! board.post("lunch is here".to_owned());
//! let news = board.since(0);
//! assert_eq!(news.messages[0].text, "lunch is here");
//! assert!(board.since(news.last).messages.is_empty());
//! ```
//!
//! [`Board`] knows nothing of HTTP: it keeps messages, and wakes who waits for them. [`answer`] knows
//! nothing of sockets: it turns one request into one response. [`serve_connection`] and [`serve`] run
//! it on [hyper].
//!
//! Not here: accounts, more than one board, and messages that outlive the process.

mod log;
mod message;

mod bell;
mod board;
mod waiters;

mod answer;
mod refusal;
mod route;

mod connection;
mod limits;
mod server;

pub use answer::answer;
pub use bell::Bell;
pub use board::Board;
pub use connection::serve_connection;
pub use limits::Limits;
pub use log::Log;
pub use message::{Message, News};
pub use refusal::Refusal;
pub use route::Route;
pub use server::serve;
pub use waiters::{Waiters, Waiting};
