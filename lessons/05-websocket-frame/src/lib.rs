//! WebSocket frames: bytes to the parts of frames, a [`Frame`] to bytes.
//!
//! After the handshake a WebSocket connection is two streams of bytes. Frames say where in them
//! something begins, how long it is and what it is: [RFC 6455, section
//! 5](https://www.rfc-editor.org/rfc/rfc6455#section-5). This crate reads no socket and chooses no
//! random number. [`FrameDecoder`] is shown bytes, however they were cut, and says what they are;
//! [`Frame`] appends itself to a buffer, masked with a key that the caller drew.
//!
//! ```
//! use lesson_05_websocket_frame::{Config, Frame, FrameDecoder, MaskKey, Opcode, Part, Role};
//!
//! let mut bytes = Vec::new();
//! let hello = Frame { is_final: true, opcode: Opcode::Text, payload: b"Hello" };
//! hello.encode(Some(MaskKey([0x37, 0xfa, 0x21, 0x3d])), &mut bytes);
//! assert_eq!(bytes, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
//!
//! let mut decoder = FrameDecoder::new(Config::new(Role::Server));
//! let mut input = bytes.as_mut_slice();
//! let mut payload = Vec::new();
//! while let Some(part) = decoder.next_part(&mut input)? {
//!     match part {
//!         Part::Header(header) => assert_eq!(header.opcode, Opcode::Text),
//!         Part::Payload(piece) => payload.extend_from_slice(piece),
//!         Part::End => assert_eq!(payload, b"Hello"),
//!     }
//! }
//! # Ok::<(), lesson_05_websocket_frame::FrameError>(())
//! ```
//!
//! A payload is unmasked where it lies, in the buffer that was read into, and is handed on piece by
//! piece. So the decoder keeps nothing but the beginning of a header, at most 13 bytes, and whoever
//! keeps a message copies each of its bytes once.
//!
//! Not here: messages of several frames, UTF-8, answers to ping and close. The next layer has
//! those. Extensions, and so compression, are not spoken at all.

mod first_bytes;
mod opcode;

mod header;
mod header_bytes;
mod payload_length;

mod frame;
mod mask;

mod decoder;

mod config;
mod error;
mod strict;

pub use config::{Config, Role};
pub use decoder::{FrameDecoder, Part};
pub use error::FrameError;
pub use first_bytes::FirstBytes;
pub use frame::Frame;
pub use header::FrameHeader;
pub use header_bytes::HeaderBytes;
pub use mask::MaskKey;
pub use opcode::Opcode;
