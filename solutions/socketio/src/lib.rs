//! Socket.IO v5 for Rust.

pub use socketio_server::*;
