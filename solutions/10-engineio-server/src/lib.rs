//! An Engine.IO v4 server: sessions over HTTP long-polling and WebSocket, byte for byte what the
//! reference's clients expect.
//!
//! The application is an `async fn` of a [`Connection`]: its future is the session's task.
//!
//! ```no_run
//! use engineio_server::{Connection, Server};
//!
//! async fn echo(mut connection: Connection) {
//!     while let Some(message) = connection.next().await {
//!         if connection.send(message).is_err() {
//!             break;
//!         }
//!     }
//! }
//!
//! # async fn serve() -> std::io::Result<()> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! Server::builder().build().serve(listener, echo).await;
//! # Ok(())
//! # }
//! ```
//!
//! What a session is, and when it may do what, the machine of `engineio-session` knows. This crate
//! brings it requests, frames and the time:
//!
//! ```text
//!  GET, POST ──▶ one task per HTTP connection ──▶ Registry ──▶ Mailbox ──▶ ┐
//!                                                                          ├ the session's task
//!  WebSocket ────────────────────────────────────────────────────────────▶ ┘
//! ```
//!
//! A WebSocket's bytes are the business of `websocket-connection`, which knows messages, pings and the goodbye.
//!
//! What it does is counted ([`Server::stats`]) and told to `tracing`, at the level `DEBUG`: each session has a
//! span, `connection`, in which its application runs, and says when it opens, moves to a WebSocket and closes;
//! refusals are told too.
//!
//! Not here: events, acknowledgements and rooms, which are Socket.IO's; TLS, which a proxy ends.

mod builder;
mod connection;
mod cookie;
mod cors;
mod gate;
mod server;
mod settings;

mod admission;
mod answer;
mod compression;
mod eager;
mod get;
mod handshake;
mod open;
mod post;
mod query;
mod refusal;
mod request_head;
mod service;

mod driver;
mod mailbox;
mod outbox;
mod registry;
mod shared;
mod socket;
mod stats;
mod stop;
mod stream;

mod http_stream;
mod listener;

pub use answer::Answer;
pub use builder::Builder;
pub use connection::{Connection, SendError};
pub use cookie::{Cookie, SameSite};
pub use cors::Cors;
pub use engineio_packet::{EncodedMessage, Message, Sid, Transport};
pub use engineio_session::CloseReason;
pub use refusal::Refusal;
pub use request_head::RequestHead;
pub use server::Server;
pub use service::{Application, RequestBody, Service};
pub use settings::SlowConsumer;
pub use stats::Stats;
