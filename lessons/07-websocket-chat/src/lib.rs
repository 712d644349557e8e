//! A chat in which anyone tells everyone.
//!
//! hyper answers the HTTP request, lesson 04 decides whether it is a handshake, and tokio-tungstenite
//! speaks WebSocket from there on. What is left is what a library cannot decide: who hears what, how
//! much one client may cost the others, and how each of them is let go.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | a page to chat with |
//! | `GET /chat`, a WebSocket handshake | the chat: [`Command`]s in, [`Event`]s out |
//!
//! ```
//! use std::sync::Arc;
//! use lesson_07_websocket_chat::{Command, Limits, Room};
//!
//! let room = Arc::new(Room::new(Limits::default()));
//! let anna = room.enter()?;
//! anna.obey(&Command::parse(r#"{"type":"join","name":"Anna"}"#)?)?;
//! anna.obey(&Command::parse(r#"{"type":"say","text":"is anybody here?"}"#)?)?;
//! let heard = anna.mailbox().take();
//! assert_eq!(heard[0].as_str(), r#"{"type":"welcome","name":"Anna","here":[]}"#);
//! assert_eq!(heard[1].as_str(), r#"{"type":"said","name":"Anna","text":"is anybody here?"}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Room`], [`Visitor`] and [`Mailbox`] know nothing of sockets. [`converse`] is the one task of a
//! connection; [`serve_connection`] and [`serve`] bring it its connections.
//!
//! Not here: accounts, history, more than one room, and a connection that comes back by itself. The
//! rest of the course is about them.

mod message;
mod mistake;

mod mailbox;
mod room;
mod visitor;

mod allowance;
mod conversation;
mod ending;
mod pulse;
mod throttle;

mod answer;
mod handshake;
mod refusal;

mod chat;
mod connection;
mod limits;
mod server;

pub use allowance::Allowance;
pub use chat::Chat;
pub use connection::serve_connection;
pub use conversation::converse;
pub use ending::Ending;
pub use limits::Limits;
pub use mailbox::Mailbox;
pub use message::{Command, Event};
pub use mistake::Mistake;
pub use pulse::{Beat, Pulse};
pub use refusal::Refusal;
pub use room::Room;
pub use server::serve;
pub use visitor::Visitor;
