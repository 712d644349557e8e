//! A server as it runs behind a proxy: limits, numbers, a log, and an end that tells everybody.
//!
//! ```console
//! $ LOG=debug cargo run -p socketio --example socketio-deployed -- 127.0.0.1:3001
//! $ curl http://127.0.0.1:3001/metrics
//! ```

use std::io;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use socketio::{Ack, Server, Socket, Stats};
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;
use tracing::level_filters::LevelFilter;

#[tokio::main]
async fn main() -> io::Result<()> {
    let level = std::env::var("LOG").ok().and_then(|level| level.parse().ok());
    let level = level.unwrap_or(LevelFilter::WARN);
    tracing_subscriber::fmt().with_max_level(level).with_writer(io::stderr).init();
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3001".to_owned());
    let listener = TcpListener::bind(&address).await?;
    // ANCHOR: limits
    let io = Server::builder()
        .max_payload(100_000)
        .max_buffered(1 << 20)
        .engine(|engine| engine.max_sessions(20_000))
        .build();
    // ANCHOR_END: limits
    io.of("/")
        .on("say", async |socket: Socket, text: String| socket.broadcast().emit("said", text))
        .on("echo", async |_: Socket, text: String| Ack(text));
    let counted = io.clone();
    let fallback = move |request: Request<Incoming>| {
        let stats = counted.stats();
        async move { answer(request.uri().path(), &stats) }
    };
    // ANCHOR: stop
    let terminated = sigterm()?;
    let stop = async {
        tokio::select! {
            () = terminated => {} // systemd, Docker, Kubernetes
            _ = ctrl_c() => {}
        }
        io.shutdown().await; // each client is told, and `serve` returns
    };
    tokio::join!(stop, io.serve_beside(listener, fallback));
    // ANCHOR_END: stop
    Ok(())
}

#[cfg(unix)]
fn sigterm() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut sigterm = signal(SignalKind::terminate())?;
    Ok(async move {
        sigterm.recv().await;
    })
}

/// Windows has no such signal.
#[cfg(not(unix))]
fn sigterm() -> io::Result<impl Future<Output = ()>> {
    Ok(std::future::pending())
}

/// For who watches. The proxy forwards `/socket.io/` alone, so nobody else comes here.
fn answer(path: &str, stats: &Stats) -> Response<Full<Bytes>> {
    match path {
        "/metrics" => Response::new(Full::from(metrics(stats))),
        _ => {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

/// In the text format of Prometheus.
// ANCHOR: metrics
fn metrics(stats: &Stats) -> String {
    let engine = &stats.engine;
    [
        ("connections{transport=\"polling\"}", engine.polling as u64),
        ("connections{transport=\"websocket\"}", engine.websocket as u64),
        ("sockets", stats.sockets as u64),
        ("namespaces", stats.namespaces as u64),
        ("opened_total", engine.opened),
        ("upgraded_total", engine.upgraded),
        ("refused_total", engine.refused),
        ("unknown_total", engine.unknown),
        ("received_total", engine.received),
        ("sent_total", engine.sent),
        ("joined_total", stats.joined),
        ("join_refused_total", stats.refused),
        ("dropped_total", stats.dropped + engine.dropped),
    ]
    .map(|(name, value)| format!("socketio_{name} {value}\n"))
    .concat()
}
// ANCHOR_END: metrics
