//! The server that the official Socket.IO protocol test suite expects.
//!
//! ```console
//! $ cargo run -p socketio --example socketio-conformance -- --port 3000
//! ```

use tokio::join;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;

#[path = "conformance/app.rs"]
mod app;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = port().unwrap_or_else(|problem| {
        eprintln!("{problem}");
        std::process::exit(2);
    });
    let io = app::server();
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
