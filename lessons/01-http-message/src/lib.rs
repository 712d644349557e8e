//! HTTP/1.1 messages: bytes to a [`Request`], a [`Response`] to bytes.
//!
//! This is the traditional model of the web in its smallest form: a client asks, a server answers.
//! The crate knows the text of [RFC 9112](https://www.rfc-editor.org/rfc/rfc9112) and nothing else.
//! It reads no socket and no clock: [`RequestParser`] is fed bytes, however they were cut, and gives
//! requests; whoever owns the socket asks [`Response`] for bytes and sends them.
//!
//! ```
//! use lesson_01_http_message::{Limits, RequestParser, Response, Status};
//!
//! let mut parser = RequestParser::new(Limits::default());
//! parser.feed(b"GET /news HTTP/1.1\r\nHost: bo");
//! assert!(parser.next_request()?.is_none()); // more bytes are needed
//! parser.feed(b"ard\r\n\r\n");
//! let request = parser.next_request()?.expect("the request is complete");
//! assert_eq!(request.target, "/news");
//!
//! let response = Response::text(Status::OK, "nothing new");
//! assert!(response.to_bytes().starts_with(b"HTTP/1.1 200 OK\r\n"));
//! # Ok::<(), lesson_01_http_message::Refusal>(())
//! ```
//!
//! What a server must refuse is refused with the status that the RFC asks for ([`Refusal`]), and
//! nothing a peer sends is kept beyond its [`Limits`].
//!
//! Not here: chunked bodies, which RFC 9112, section 7.1, wants every recipient to read (section 6.3
//! lets a server insist on a length, and this one does, with 411); trailers; `Date`, which needs a
//! clock; and the client's side.

mod response;
mod status;

mod header;
mod request;
mod request_line;
mod target;

mod line_buffer;
mod parser;

mod limits;
mod refusal;
mod strict;

pub use header::{Header, Headers, InvalidHeader};
pub use limits::Limits;
pub use line_buffer::LineBuffer;
pub use parser::RequestParser;
pub use refusal::Refusal;
pub use request::Request;
pub use request_line::{RequestLine, Version, is_token};
pub use response::Response;
pub use status::Status;
