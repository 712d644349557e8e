//! The chat, on a port of this machine.
//!
//!     cargo run -p lesson-07-websocket-chat -- --port 4007

use std::process::ExitCode;
use std::sync::Arc;

use lesson_07_websocket_chat::{Chat, Limits, serve};
use tokio::join;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;
use websocket_handshake::{Origins, Policy};

const PORT: u16 = 4007;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(port) = port(&arguments) else {
        eprintln!("expected --port and a number up to 65535, came {}", arguments.join(" "));
        return ExitCode::from(2);
    };
    match run(port).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("expected port {port} to be free, came: {error}; choose another with --port");
            ExitCode::FAILURE
        }
    }
}

fn port(arguments: &[String]) -> Option<u16> {
    match arguments {
        [] => Some(PORT),
        [name, port] if name == "--port" => port.parse().ok(),
        _ => None,
    }
}

async fn run(port: u16) -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let address = listener.local_addr()?;
    // Whoever owns a domain can point it at 127.0.0.1, so the `Host` of a request proves nothing here:
    // only this server's own pages are let in, by name.
    let port = address.port();
    let pages = ["127.0.0.1", "localhost"].map(|host| format!("http://{host}:{port}"));
    let policy = Policy { origins: Origins::Only(pages.into()), subprotocols: Vec::new() };
    let chat = Arc::new(Chat::new(Limits::default(), policy));
    serve(listener, chat, async {
        // Ctrl+C first: whoever has read the line may press it.
        let _ = join!(biased; ctrl_c(), async {
            println!("listening on http://{address} (Ctrl+C stops)");
        });
        println!("stopping");
    })
    .await;
    println!("stopped");
    Ok(())
}
