//! The opening handshake: one HTTP request turns the connection into a WebSocket.
//!
//! A client asks over HTTP to change the protocol, the server answers 101, and from the next byte on
//! both may speak whenever they like ([RFC 6455](https://www.rfc-editor.org/rfc/rfc6455), section 4).
//! This crate decides both sides of that exchange. It has no socket, no clock and no randomness: the
//! server's side goes from a [`Request`](http_message::Request) to a response, the client's side from
//! sixteen random bytes to a request, and from the bytes of the answer to what was agreed.
//!
//! ```
//! use http_message::{Limits, RequestParser};
//! use lesson_04_websocket_handshake::{Answer, Opening, Origins, Policy, accept};
//!
//! let opening = Opening::new("board:4004", "/news")?.with_subprotocol("board.v1")?;
//! let (request, answer) = opening.start(*b"the sample nonce");
//!
//! let mut parser = RequestParser::new(Limits::default());
//! parser.feed(&request);
//! let request = parser.next_request()?.expect("the request is complete");
//! let policy = Policy { origins: Origins::SameHost, subprotocols: vec!["board.v1".to_owned()] };
//! let accepted = accept(&request, &policy)?;
//!
//! let Answer::Opened(opened) = answer.read(&accepted.response.to_bytes())? else {
//!     panic!("the answer is complete");
//! };
//! assert_eq!(opened.subprotocol, accepted.subprotocol);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A server refuses with the status that the RFC asks for ([`Refusal`]); a client says what was wrong
//! with an answer ([`WrongAnswer`]), and keeps nothing of it beyond its limits.
//!
//! Not here: frames (the next lesson), extensions such as compression (offered ones are declined),
//! and WebSockets over HTTP/2 (RFC 8441), which begin in another way.

mod key;

mod accept;
mod policy;

mod answer;
mod opening;
mod status_line;

mod check;
mod wrong_answer;

mod refusal;
mod shown;
mod strict;

pub use accept::{Acceptance, accept};
pub use answer::{Answer, AnswerParser, Opened};
pub use key::Key;
pub use opening::{InvalidOpening, Opening};
pub use policy::{Origins, Policy};
pub use refusal::Refusal;
pub use status_line::StatusLine;
pub use wrong_answer::WrongAnswer;
