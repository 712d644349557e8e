//! Socket.IO v5: events between a server and its clients, in both directions, over a WebSocket or, where
//! that does not pass, over HTTP. This crate is the server, and a [`client`] in Rust. Either speaks to the official
//! one of JavaScript, and to those of other languages that speak Socket.IO 3 or later.
//!
//! A first server:
//!
//! ```no_run
//! use socketio::{Ack, Args, Server, Socket};
//!
//! #[tokio::main]
//! async fn main() -> std::io::Result<()> {
//!     let io = Server::builder().build();
//!     io.of("/")
//!         .on_connect(async |socket: Socket| socket.emit("welcome", socket.id()))
//!         .on("say", async |socket: Socket, text: String| socket.broadcast().emit("said", text))
//!         .on("sum", async |_: Socket, Args((a, b)): Args<(i64, i64)>| Ack(a + b));
//!
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//!     io.serve(listener).await;
//!     Ok(())
//! }
//! ```
//!
//! And its client, in a page that has loaded `socket.io-client`:
//!
//! ```js
//! const socket = io("http://127.0.0.1:3000", { transports: ["websocket"] });
//! socket.on("said", (text) => console.log(text));
//! socket.emit("say", "hello");
//! console.log(await socket.emitWithAck("sum", 20, 22)); // 42
//! ```
//!
//! And one in Rust, whose connection is made again when it breaks:
//!
//! ```no_run
//! use socketio::client::{Args, Client, Socket};
//!
//! # async fn talk() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder("http://127.0.0.1:3000").build()?;
//! let socket = client.of("/");
//! socket.on("said", async |_: Socket, text: String| println!("{text}"));
//! socket.connect().await?; // waits for the server's yes
//! socket.emit("say", "hello");
//! let sum: i64 = socket.call("sum", Args((20, 22))).await?;
//! # Ok(())
//! # }
//! ```
//!
//! A page of another origin may open a WebSocket, but not poll, unless [`cors`](Builder::cors) says so.
//!
//! On this page: [what it is called here](#in-javascript-and-here), [topic by topic](#topics),
//! [what you can rely on](#what-you-can-rely-on), [settings and limits](#settings-and-limits),
//! [what is different](#what-is-different-from-the-reference), [features](#features).
#![doc = include_str!("../docs/in-javascript.md")]
#![doc = include_str!("../docs/topics.md")]
#![doc = include_str!("../docs/promises.md")]
#![doc = include_str!("../docs/limits.md")]
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | brings |
//! |---|---|
//! | `msgpack` | `MsgPack`, the parser of npm's `socket.io-msgpack-parser` |
//! | `tls` | `https` and `wss`, for the [`client`]; in front of the server stands a proxy |
//! | `tower` | [`Server::service`] is a `tower` service too, to be mounted in axum |

// The server, and what is said to whom.
#[doc(inline)]
pub use socketio_server::{
    Broadcast, Builder, Call, CallAll, Namespace, RemoteSocket, Selection, Server, Socket, Stats,
};

// Handlers: what they take and what they return.
#[doc(inline)]
pub use socketio_server::{
    Ack, Answer, Args, ByteString, Bytes, Event, FromArgs, Handler, IntoAnswer, Next, RawArgs,
    ToArgs,
};

// Who a client is, and why it left.
#[doc(inline)]
pub use socketio_server::{
    CloseReason, DisconnectReason, Extensions, Handshake, NamespaceName, Refusal, RequestHead,
    SocketId, Violation,
};

// What goes wrong.
#[doc(inline)]
pub use socketio_server::{ArgsError, CallError, DecodeError, EncodeError, NoAnswer, Problem};

// Settings.
#[cfg(feature = "msgpack")]
#[doc(inline)]
pub use socketio_server::MsgPack;
#[doc(inline)]
pub use socketio_server::{
    Cookie, Cors, Json, Matcher, Parser, Pattern, SameSite, SlowConsumer, Transport,
};

// Connection state recovery.
#[doc(inline)]
pub use buffering::{Bound, LogConfig, MemoryLog};
#[doc(inline)]
pub use socketio_server::{LostSession, MissedEvent, NotRestored, RecoveryLog, Restored};

// Servers that act as one.
#[doc(inline)]
pub use socketio_server::{Adapter, Alone, Local, Message};

/// The Engine.IO server below: the connections, before anybody joins a namespace.
///
/// [`Builder::engine`](crate::Builder::engine) has its settings, [`Server::engine`](crate::Server::engine) is it.
pub mod engine {
    #[doc(inline)]
    pub use socketio_server::engine::{
        Answer, Application, Builder, Refusal, RequestBody, Server, Service, Stats,
    };
}

#[doc(inline)]
pub use socketio_client::Client;

/// The client: events, answers and namespaces over one connection, which is made again when it breaks.
///
/// Its names are the server's where they mean the same; the others ([`Socket`](client::Socket),
/// [`Builder`](client::Builder), [`Problem`](client::Problem)) are of this end.
pub mod client {
    #[doc(inline)]
    pub use socketio_client::*;
}
