//! An HTTP/1.1 server on tokio: many clients at once, each asks, each is answered.
//!
//! [`http_message`] knows the text of the protocol; this crate owns the sockets and the clock. A
//! [`Server`] takes connections from a [`Listener`], gives each a task of its own, reads requests,
//! asks the application's [`Handler`] and writes what it answers.
//!
//! ```no_run
//! use http_message::{Request, Response, Status};
//! use http_server::{Config, Server};
//! use tokio::net::TcpListener;
//!
//! # async fn run() -> std::io::Result<()> {
//! let listener = TcpListener::bind("127.0.0.1:4002").await?;
//! let hello = async |request: Request| Response::text(Status::OK, request.target);
//! let stop = async { tokio::signal::ctrl_c().await.unwrap_or(()) };
//! let report = Server::new(listener, hello, Config::default()).serve(stop).await;
//! println!("served {} connections, cut {}", report.served, report.cut);
//! # Ok(())
//! # }
//! ```
//!
//! Connections persist and requests may be pipelined (RFC 9112, section 9.3); what a client may cost
//! is bounded by the [`Config`]; a stop finishes what is in flight.
//!
//! A handler may answer with an [`Upgrade`]: then HTTP ends, and the connection goes on in the hands of
//! another protocol.
//!
//! Not here: TLS, and noticing that a client has left while its handler still runs: that shows when the
//! answer is written.

mod answer;
mod config;
mod handler;

mod connection;
mod conversation;
mod exchange;
mod fault;

mod listener;
mod report;
mod server;

pub use answer::{Answer, Stream, Upgrade, Upgraded};
pub use config::Config;
pub use handler::Handler;
pub use listener::Listener;
pub use report::Report;
pub use server::Server;
