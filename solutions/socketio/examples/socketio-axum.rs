//! Socket.IO beside other routes, in axum: what is posted is told to every client.
//!
//! ```console
//! $ cargo run -p socketio --features tower --example socketio-axum
//! $ curl -d 'breakfast is ready' http://127.0.0.1:4016/news
//! ```

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::map_request;
use axum::routing::{get, post};
use socketio::{Args, Server, Socket};
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 4016)).await?;
    println!("listening on http://{} (Ctrl+C stops)", listener.local_addr()?);
    serve(listener, async {
        let _ = ctrl_c().await;
    })
    .await
}

/// Until it is told to stop, and everybody has gone.
pub(crate) async fn serve(
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let io = Server::builder().build();
    io.of("/").on_connect(async |socket: Socket| {
        let peer = socket.handshake().head().peer();
        socket.emit("welcome", Args((socket.id(), peer)));
    });
    let router = router(&io).into_make_service_with_connect_info::<SocketAddr>();
    let stop = async move {
        stop.await;
        io.shutdown().await; // axum waits for requests, and clients that poll have always one
    };
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

fn router(io: &Server) -> Router {
    let (counted, told) = (io.clone(), io.clone());
    Router::new()
        .route("/", get(async move || format!("{} are here\n", counted.engine().sessions())))
        .route("/news", post(async move |news: String| told.emit("news", news)))
        .route_service("/socket.io/", io.service())
        .layer(map_request(tell_peer))
}

/// Where axum puts the address of a client, Socket.IO does not look.
async fn tell_peer(ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request) -> Request {
    request.extensions_mut().insert(peer);
    request
}
