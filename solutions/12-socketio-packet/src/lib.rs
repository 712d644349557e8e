//! Socket.IO v5 packets: what the two ends of a connection say, above Engine.IO.
//!
//! A [`Packet`] is one thing said in one namespace. A [`Parser`] turns it into messages, and messages
//! into packets: as [`Json`] it is a text, followed by as many binary messages as there are bytes in
//! its arguments.
//!
//! ```
//! use socketio_packet::{Args, EncodedPacket, Json, Namespace, Packet, Parser, Reassembly};
//!
//! let parser = Json::default();
//! let sent = EncodedPacket::event(&parser, &Namespace::MAIN, None, "sum", Args((1, 2)))?;
//!
//! let mut reassembly = Reassembly::default(); // one for each connection
//! for message in sent.messages() {
//!     if let Some(Packet::Event { name, args, .. }) = parser.decode(message, &mut reassembly)? {
//!         assert_eq!(name, "sum");
//!         let Args((a, b)): Args<(i64, i64)> = args.decode()?;
//!         assert_eq!(a + b, 3);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Arguments stay as they came until somebody says of which type they are ([`RawArgs`]). `Bytes` may
//! stand anywhere in that type, but where serde looks twice: inside of `#[serde(flatten)]`, `untagged` or
//! `tag = "…"` without a `content`, they can be written, and not read from JSON.
//!
//! Feature `msgpack`: the parser `MsgPack`, for peers that use npm's `socket.io-msgpack-parser`.
//!
//! Not here: who is connected to which namespace, and what an acknowledgement answers. The next layer,
//! `socketio-session`, knows.

mod ack_id;
mod namespace;
mod packet;

mod args;
mod from_args;
mod raw_args;
mod raw_data;
mod to_args;
mod with_offset;

mod encoded;
mod parser;
mod payload;
mod reassembly;

mod json;
#[cfg(feature = "msgpack")]
mod msgpack;

mod error;

pub use ack_id::AckId;
pub use args::Args;
pub use encoded::EncodedPacket;
pub use engineio_packet::{ByteString, Bytes, EncodedMessage, Message};
pub use error::{ArgsError, DecodeError, EncodeError};
pub use from_args::FromArgs;
pub use json::{Json, MAX_ATTACHMENTS};
#[cfg(feature = "msgpack")]
pub use msgpack::MsgPack;
pub use namespace::Namespace;
pub use packet::Packet;
pub use parser::{Outgoing, Parser};
pub use raw_args::RawArgs;
pub use raw_data::RawData;
pub use reassembly::Reassembly;
pub use to_args::ToArgs;
pub use with_offset::WithOffset;
