//! The server that the official Socket.IO protocol test suite expects.
//!
//! ```console
//! $ cargo run -p socketio --example socketio-conformance -- --port 3000
//! ```

use std::time::Duration;

use serde_json::Value;
use socketio::{Ack, Cors, RawArgs, Server, Socket};
use tokio::join;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = port().unwrap_or_else(|problem| {
        eprintln!("{problem}");
        std::process::exit(2);
    });
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
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{} (Ctrl+C stops)", listener.local_addr()?);
    let stop = async {
        let _ = ctrl_c().await;
        io.shutdown().await;
    };
    join!(stop, io.serve(listener));
    Ok(())
}

/// What follows `--port`; 3000 without it.
fn port() -> Result<u16, String> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Ok(3000),
        (Some("--port"), Some(port)) => {
            port.parse().map_err(|_| format!("expected a port after --port, came {port:?}"))
        }
        (Some(came), _) => Err(format!("expected --port and a number, came {came:?}")),
    }
}
