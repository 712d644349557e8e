//! Socket.IO v5 packets: what the two ends of a connection say, above Engine.IO.
//!
//! A [`Packet`] is one thing said in one namespace. It travels as a text, and after it as many binary
//! messages as there are bytes in its arguments. [`EncodedPacket`] is what is sent, and [`Decoder`]
//! puts together what comes.
//!
//! ```
//! use socketio_packet::{Args, Decoder, EncodedPacket, Namespace, Packet};
//!
//! let sent = EncodedPacket::event(&Namespace::MAIN, None, "sum", &Args((1, 2)))?;
//! let mut decoder = Decoder::default();
//! for message in sent.messages() {
//!     if let Some(Packet::Event { name, args, .. }) = decoder.decode(message)? {
//!         assert_eq!(name, "sum");
//!         let Args((a, b)): Args<(i64, i64)> = args.decode()?;
//!         assert_eq!(a + b, 3);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The arguments stay as they came until somebody says of which type they are ([`RawArgs`]): most of
//! what a server receives it only passes on.
//!
//! Not here: who is connected to which namespace, and what an acknowledgement answers. The next layer,
//! `socketio-session`, knows.

mod ack_id;
mod namespace;
mod packet;

mod args;
mod from_args;
mod raw_args;
mod to_args;

mod json;

mod decoder;
mod encoded;
mod header;
mod payload;

mod error;

pub use ack_id::AckId;
pub use args::Args;
pub use decoder::{Decoder, MAX_ATTACHMENTS};
pub use encoded::EncodedPacket;
pub use engineio_packet::{ByteString, Bytes, EncodedMessage, Message};
pub use error::{ArgsError, DecodeError, EncodeError};
pub use from_args::FromArgs;
pub use namespace::Namespace;
pub use packet::Packet;
pub use raw_args::RawArgs;
pub use to_args::ToArgs;
