//! A Socket.IO v5 client: events, acknowledgements and namespaces over one connection, which is dialled
//! again when it breaks.
//!
//! ```no_run
//! use lesson_18_socketio_client::{Client, Socket};
//!
//! # async fn talk() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder("http://localhost:3000").build()?;
//! let socket = client.of("/");
//! socket.on("news", async |_: Socket, text: String| println!("{text}"));
//! socket.connect().await?; // waits for the server's yes
//! socket.emit("message", "hello");
//! let sum: i64 = socket.call("sum", lesson_18_socketio_client::Args((1, 2))).await?;
//! # Ok(())
//! # }
//! ```
//!
//! One task drives the connection and runs the handlers: those of one namespace in order, as on the
//! server. It ends when the last [`Client`] and [`Socket`] is dropped.
//!
//! A handler is written as for the server, and answers with the same `Ack`, so one function can serve both ends: these
//! types are `socketio-server`'s.
//!
//! What becomes of the connection is told to `tracing` too, at the level `DEBUG`, in the words of
//! [`Client::events`].
//!
//! Not here: servers.

mod builder;
mod client;
mod connect_error;
mod events;
mod problem;
mod settings;
mod shared;

mod handlers;
mod peer;
mod socket;
mod state;

mod asker;
mod call;
mod link;
mod offset;

mod slot;
mod worker;

pub use buffering::{Bound, Dropped, EarlyFlood, Overflow};
pub use builder::Builder;
pub use call::Call;
pub use client::Client;
pub use connect_error::ConnectError;
/// The Engine.IO client below: the connection, before any namespace is joined.
pub use engineio_client as engine;
pub use engineio_client::{SettingError, Transport, Transports};
pub use events::Events;
pub use problem::Problem;
pub use reconnection::{Clamp, Delays, DialError, DisconnectReason, ManagerEvent, Reconnection};
pub use socket::Socket;
#[cfg(feature = "msgpack")]
pub use socketio_packet::MsgPack;
pub use socketio_packet::{
    Args, ArgsError, ByteString, Bytes, DecodeError, EncodeError, FromArgs, Json, Namespace,
    Parser, RawArgs, ToArgs,
};
pub use socketio_server::{Ack, Answer, CallError, Event, Handler, IntoAnswer};
pub use socketio_session::{Refusal, SocketId};
pub use state::State;
