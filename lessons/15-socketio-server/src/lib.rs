//! A Socket.IO v5 server: events, acknowledgements, namespaces and rooms, byte for byte what the
//! reference's clients expect.
//!
//! ```no_run
//! use lesson_15_socketio_server::{Ack, Args, Server, Socket};
//!
//! # async fn serve() -> std::io::Result<()> {
//! let io = Server::builder().build();
//! io.of("/")
//!     .on_connect(async |socket: Socket| socket.emit("welcome", socket.id()))
//!     .on("message", async |socket: Socket, text: String| socket.broadcast().emit("message", &text))
//!     .on("sum", async |_: Socket, Args((a, b)): Args<(i64, i64)>| Ack(a + b));
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! io.serve(listener).await;
//! # Ok(())
//! # }
//! ```
//!
//! Handlers are registered once per namespace. The events of one socket are handled in order, on its
//! connection's own task: a handler that blocks the thread stalls its connection, and others.
//!
//! What it does is counted ([`Server::stats`]) and told to `tracing`, at the level `DEBUG`: who joins a
//! namespace, who is refused, who leaves and why. Handlers run in the span `connection` of the server below, so
//! that what they tell bears its number.
//!
//! Not here: the client; servers that act together.

mod builder;
mod server;
mod settings;
mod shared;

mod gate;
mod handler;
mod handlers;
mod inner;
mod namespace;
mod namespaces;

mod answer;
mod handshake;
mod peer;
mod problem;
mod socket;

mod broadcast;
mod call;
mod call_all;
mod extensions;

mod adapter;
mod asker;
mod conversation;
mod link;
mod recovery;
mod running;
mod slot;
mod stats;

pub use adapter::{Adapter, Alone, Local, Message};
pub use answer::{Ack, Answer, IntoAnswer};
pub use broadcast::{Broadcast, RemoteSocket};
pub use builder::Builder;
pub use call::{Call, CallError};
pub use call_all::CallAll;
/// The Engine.IO server below: the connections, before anybody joins a namespace.
pub use engineio_server as engine;
pub use engineio_server::{
    CloseReason, Cookie, Cors, RequestHead, SameSite, SlowConsumer, Transport,
};
pub use extensions::Extensions;
pub use handler::Handler;
pub use handlers::{Event, Next};
pub use handshake::Handshake;
pub use namespace::Namespace;
pub use namespaces::{Matcher, Pattern};
pub use problem::Problem;
pub use server::Server;
pub use socket::Socket;
#[cfg(feature = "msgpack")]
pub use socketio_packet::MsgPack;
pub use socketio_packet::Namespace as NamespaceName;
pub use socketio_packet::{
    Args, ArgsError, ByteString, Bytes, DecodeError, EncodeError, FromArgs, Json, Parser, RawArgs,
    ToArgs,
};
pub use socketio_rooms::{LostSession, MissedEvent, NotRestored, RecoveryLog, Restored, Selection};
pub use socketio_session::{DisconnectReason, NoAnswer, Refusal, SocketId, Violation};
pub use stats::Stats;

/// For who writes the other end, as lesson 18 does: handlers are asked, and answers written and read, as
/// they are here.
#[doc(hidden)]
pub mod handling {
    pub use crate::answer::{Outcome, Reply, Respond};
    pub use crate::call::{deadline, read_answer};
}
