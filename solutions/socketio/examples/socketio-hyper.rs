//! Socket.IO beside other pages, on hyper alone. [`Server::serve_beside`] does the same in one line; this
//! is for a program that accepts connections itself.
//!
//! ```console
//! $ cargo run -p socketio --example socketio-hyper
//! $ curl -d 'breakfast is ready' http://127.0.0.1:4017/news
//! ```

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use socketio::engine::Answer;
use socketio::{Args, Server, Socket};
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::signal::ctrl_c;

/// The longest news, in bytes.
const LONGEST: usize = 10_000;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 4017)).await?;
    println!("listening on http://{} (Ctrl+C stops)", listener.local_addr()?);
    serve(listener, async {
        let _ = ctrl_c().await;
    })
    .await
}

/// Until it is told to stop, and every client knows.
pub(crate) async fn serve(
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let io = Server::builder().build();
    io.of("/").on_connect(async |socket: Socket| {
        let peer = socket.handshake().head().peer();
        socket.emit("welcome", Args((socket.id(), peer)));
    });
    let mut stop = pin!(stop);
    loop {
        select! {
            accepted = listener.accept() => {
                let (stream, peer) = accepted?;
                tokio::spawn(serve_connection(io.clone(), stream, peer));
            }
            () = &mut stop => break,
        }
    }
    io.shutdown().await;
    Ok(())
}

async fn serve_connection(io: Server, stream: TcpStream, peer: SocketAddr) {
    let service = service_fn(move |request| {
        let io = io.clone();
        async move { Ok::<_, Infallible>(answer(&io, request, peer).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(30))
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades(); // without this a WebSocket has no connection
    if let Err(error) = connection.await {
        eprintln!("{peer}: {error}");
    }
}

async fn answer(io: &Server, request: Request<Incoming>, peer: SocketAddr) -> Answer {
    let socketio = io.service();
    if socketio.is_for(request.uri()) {
        return socketio.answer(request, Some(peer)).await;
    }
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => {
            page(StatusCode::OK, format!("{} are here\n", io.engine().sessions()))
        }
        (&Method::POST, "/news") => match Limited::new(request, LONGEST).collect().await {
            Ok(news) => {
                io.emit("news", String::from_utf8_lossy(&news.to_bytes()));
                page(StatusCode::OK, "")
            }
            Err(error) => page(StatusCode::BAD_REQUEST, format!("{error}\n")),
        },
        _ => page(StatusCode::NOT_FOUND, "expected / or /news\n"),
    }
}

fn page(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    let mut page = Response::new(Full::new(text.into()));
    *page.status_mut() = status;
    page
}
