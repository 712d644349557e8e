//! The server that the official conformance suite of Engine.IO v4 expects.
//!
//! ```console
//! $ cargo run -p engineio-server --example engineio-conformance -- --port 3000
//! ```

use std::time::Duration;

use engineio_server::{Connection, Cors, Server};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = port().unwrap_or_else(|problem| {
        eprintln!("{problem}");
        std::process::exit(2);
    });
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}/engine.io/", listener.local_addr()?);
    let server = Server::builder()
        .ping_interval(Duration::from_millis(300))
        .ping_timeout(Duration::from_millis(200))
        .max_payload(1_000_000)
        .cors(Cors::any())
        .build();
    server.serve(listener, echo).await;
    Ok(())
}

// ANCHOR: echo
async fn echo(mut connection: Connection) {
    while let Some(message) = connection.next().await {
        if connection.send(message).is_err() {
            break;
        }
    }
}
// ANCHOR_END: echo

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
