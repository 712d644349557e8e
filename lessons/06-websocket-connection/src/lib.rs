//! A WebSocket connection, from either end.
//!
//! Frames are not yet a conversation. A message may come in several of them, with pings between that
//! want an answer; a text has to be text; and an end has to be one on which both sides agree ([RFC
//! 6455](https://www.rfc-editor.org/rfc/rfc6455), sections 5.4, 5.5, 7 and 8.1).
//!
//! [`Connection`] decides all of that and has no socket, no clock and no randomness:
//!
//! ```
//! use std::time::Instant;
//!
//! use lesson_06_websocket_connection::{Config, Connection, Event, Message};
//!
//! let now = Instant::now();
//! let mut server = Connection::server(Config::default(), now);
//! let mut bytes = *b"\x01\x83\0\0\0\0Hel\x89\x80\0\0\0\0\x80\x82\0\0\0\0lo";
//! server.handle_bytes(&mut bytes, now);
//! assert_eq!(server.poll_event(), Some(Event::Message(Message::from("Hello"))));
//! assert_eq!(server.poll_transmit().as_deref(), Some(b"\x8a\x00".as_slice()));
//! ```
//!
//! [`WebSocket`] drives it on a tokio socket, which comes from [`upgrade`] in a server and from [`dial`]
//! in a client.
//!
//! Not here: extensions, and so no compression.

mod config;
mod message;

mod connection;
mod event;
mod outbox;
mod state;
mod unread;

mod assembly;
mod text;

mod close;
mod close_code;
mod closure;

mod keep_alive;

mod fault;
mod send_error;

mod alarm;
mod web_socket;
mod writer;

mod dial;
mod upgrade;

pub use close::{Close, LongReason};
pub use close_code::CloseCode;
pub use closure::Closure;
pub use config::Config;
pub use connection::Connection;
pub use dial::{DialError, dial, open};
pub use event::Event;
pub use fault::Fault;
pub use keep_alive::KeepAlive;
pub use message::Message;
pub use send_error::SendError;
pub use upgrade::upgrade;
pub use web_socket::WebSocket;
