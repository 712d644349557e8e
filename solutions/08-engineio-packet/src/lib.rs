//! Engine.IO v4 packets: what the two ends of a connection say, whatever carries it.
//!
//! A [`Packet`] is one thing said. Over a WebSocket it travels as one [`Frame`]; over HTTP
//! long-polling, where a body is one text, the frames that wait are joined to a [`payload`].
//!
//! ```
//! use engineio_packet::{Frame, Message, Packet, payload};
//!
//! let hello = Packet::Message(Message::Text("hello".into()));
//! assert_eq!(hello.encode(), Frame::Text("4hello".into()));
//!
//! let bytes = Packet::Message(Message::Binary(vec![1, 2, 3].into()));
//! assert_eq!(payload::encode(&[hello.encode(), bytes.encode()]), "4hello\u{1e}bAQID");
//! ```
//!
//! What is read shares the memory of what came; only base64 has to be copied. A message that goes to
//! a thousand peers is encoded once ([`EncodedMessage`]).
//!
//! Not here: when a packet may be sent, and what it means when it comes. The next layer,
//! `engineio-session`, knows. Engine.IO v3 is not spoken.

mod message;
mod packet;

mod binary_text;
mod encoded_message;
mod frame;
pub mod payload;

mod handshake;
mod sid;
mod transport;

mod error;

pub use bytes::Bytes;
pub use bytestring::ByteString;
pub use encoded_message::EncodedMessage;
pub use error::PacketError;
pub use frame::Frame;
pub use handshake::Handshake;
pub use message::Message;
pub use packet::Packet;
pub use sid::Sid;
pub use transport::Transport;
