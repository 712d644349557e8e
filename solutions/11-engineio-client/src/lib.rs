//! An Engine.IO v4 client: it reaches its server by polling where nothing else passes, and over a WebSocket
//! where that passes.
//!
//! ```no_run
//! use engineio_client::{Client, Message};
//!
//! # async fn talk() -> Result<(), Box<dyn std::error::Error>> {
//! let mut connection = Client::builder("http://localhost:3000").connect().await?;
//! connection.send(Message::from("hello"))?;
//! while let Some(message) = connection.next().await {
//!     println!("{message:?} by {}", connection.transport());
//! }
//! println!("{}", connection.close_reason().expect("it has ended"));
//! # Ok(())
//! # }
//! ```
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
//!
//! Around it is the shell: a [`Client`] dials, tries one transport after the other, and says of each why
//! it failed; a [`Connection`] drives one session.
//!
//! # Proxies and time
//!
//! A proxy ends a connection on which nothing was said for a while, often for 60 s. On this connection
//! something is said every `pingInterval` of the server (25 s), so that interval has to be shorter than the
//! proxy's timeout: nginx's `proxy_read_timeout`, HAProxy's `timeout tunnel` and `timeout server`. The
//! client cannot change it. It can only notice: by [`CloseReason::RequestFailed`] with a 504, by
//! [`CloseReason::WebSocketClosed`], or, where the proxy says nothing, by [`CloseReason::PingTimeout`].
//!
//! Not here: events and acknowledgements, which are Socket.IO's, and connecting again.

mod batch;

mod close_reason;
mod config;
mod input;
mod output;
mod pong;
mod refused;

mod session;

mod builder;
mod client;
mod connect_error;
mod setting_error;
mod transport_error;
mod transports;

mod connector;
mod endpoint;
mod http;
mod socket;
mod websocket_request;

mod connection;
mod driver;

pub use batch::take_batch;
pub use builder::Builder;
pub use client::Client;
pub use close_reason::CloseReason;
pub use config::Config;
pub use connect_error::{Attempt, ConnectError};
pub use connection::Connection;
pub use engineio_packet::{EncodedMessage, Message, Sid, Transport};
pub use input::Input;
pub use output::{Event, Output};
pub use refused::{OpenError, SendError, UpgradeError};
#[cfg(feature = "tls")]
pub use rustls;
pub use session::Session;
pub use setting_error::SettingError;
pub use transport_error::TransportError;
pub use transports::Transports;
