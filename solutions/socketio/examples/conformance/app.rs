//! What the official Socket.IO protocol test suite expects of a server.

use std::time::Duration;

use serde_json::Value;
use socketio::{Ack, Cors, RawArgs, Server, Socket};

/// It says what a client showed, says messages back, and acknowledges them, in two namespaces.
pub(crate) fn server() -> Server {
    let io = Server::builder()
        .ping_interval(Duration::from_millis(300))
        .ping_timeout(Duration::from_millis(200))
        .connect_timeout(Duration::from_millis(1000))
        .max_payload(1_000_000)
        .cors(Cors::any())
        .build();
    for name in ["/", "/custom"] {
        io.of(name)
            .on_connect(async |socket: Socket| {
                socket.emit("auth", socket.handshake().auth::<Value>().unwrap_or_default());
            })
            .on("message", async |socket: Socket, args: RawArgs| socket.emit("message-back", args))
            .on("message-with-ack", async |_: Socket, args: RawArgs| Ack(args));
    }
    io
}
