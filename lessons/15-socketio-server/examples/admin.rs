//! A room where everybody talks, and a desk that only a token opens: from there one sees who is there,
//! speaks to all, and shows somebody the door.
//!
//! ```console
//! $ cargo run -p lesson-15-socketio-server --example admin
//! ```
//!
//! Open the page twice, and log in at one of them with the token that the server prints.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response, StatusCode};
use lesson_15_socketio_server::{
    Ack, Args, Handshake, Namespace, Refusal, RemoteSocket, Server, Socket, SocketId,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::join;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;

/// What somebody shows at the desk.
#[derive(Deserialize)]
struct Shown {
    name: String,
    token: String,
}

/// Whom the token has let in. The handlers of `/admin` take nobody else's sockets.
struct Admin {
    name: String,
}

/// What the desk sees of a visitor.
#[derive(Serialize)]
struct Visitor {
    id: SocketId,
    name: Value,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = listen().await.unwrap_or_else(|problem| {
        eprintln!("{problem}");
        std::process::exit(2);
    });
    let address = listener.local_addr()?;
    let token = random_token();
    let io =
        Server::builder().engine(|engine| engine.shutdown_timeout(Duration::from_secs(2))).build();
    open_desk(&io, token.clone());
    open_room(&io);
    let stop = async {
        // Ctrl+C first: whoever has read the line may press it.
        let _ = join!(biased; ctrl_c(), async {
            println!("listening on http://{address} (Ctrl+C stops)\nthe token of the desk: {token}");
        });
        io.shutdown().await;
    };
    join!(stop, io.serve_beside(listener, page));
    Ok(())
}

/// `/`: everybody may come in.
fn open_room(io: &Server) {
    let (room, desk) = (io.of("/"), io.of("/admin"));
    let (count, everybody) = (Arc::new(AtomicUsize::new(1)), room.clone());
    room.on_connect(async move |socket: Socket| {
        let name = format!("visitor {}", count.fetch_add(1, Ordering::Relaxed));
        let _ = socket.set_data(&name); // a text can be written
        socket.emit("you are", &name);
        everybody.emit("said", Args((&name, "is here")));
        desk.emit("changed", Args(()));
    });
    room.on("say", async |socket: Socket, text: String| -> Result<(), Refusal> {
        if text.len() > 200 {
            return Err("expected at most 200 bytes, came more".into());
        }
        socket.broadcast().emit("said", Args((socket.data::<String>(), text)));
        Ok(())
    });
    let (everybody, desk) = (room.clone(), io.of("/admin"));
    room.on_disconnect(async move |socket: Socket, _| {
        everybody.emit("said", Args((socket.data::<String>(), "has left")));
        desk.emit("changed", Args(()));
    });
}

/// `/admin`: the token lets in, and the client hears why it does not.
fn open_desk(io: &Server, token: String) {
    let auth = async move |_: Handshake, shown: Shown| -> Result<Admin, Refusal> {
        if shown.token == token {
            Ok(Admin { name: shown.name })
        } else {
            Err("expected the token that the server has printed, came another".into())
        }
    };
    let desk: Namespace<Admin> = io.of("/admin").auth(auth);
    let room = io.of("/");
    desk.on("who", async move |_: Socket<Admin>| {
        Ack(room.fetch().await.into_iter().map(visitor).collect::<Vec<_>>())
    });
    let room = io.of("/");
    desk.on("speak", async move |admin: Socket<Admin>, text: String| {
        room.emit("said", Args((format!("{}, from the desk", admin.user().name), text)));
    });
    let room = io.of("/");
    desk.on("disconnect visitor", async move |_: Socket<Admin>, id: String| {
        room.to(&id).disconnect();
    });
}

fn visitor(socket: RemoteSocket) -> Visitor {
    Visitor { id: socket.id, name: socket.data }
}

/// What is not Socket.IO's.
async fn page(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::from(include_str!("admin.html")));
    if request.uri().path() != "/" {
        *answer.status_mut() = StatusCode::NOT_FOUND;
    }
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, html);
    answer
}

fn random_token() -> String {
    format!("{:016x}", rand::random::<u64>())
}

async fn listen() -> Result<TcpListener, String> {
    let port = port()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    listener.map_err(|problem| {
        format!("cannot listen on port {port}: {problem}; try another with --port")
    })
}

/// What follows `--port`; 4015 without it.
fn port() -> Result<u16, String> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Ok(4015),
        (Some("--port"), Some(port)) => {
            port.parse().map_err(|_| format!("expected a port after --port, came {port:?}"))
        }
        (Some(came), _) => Err(format!("expected --port and a number, came {came:?}")),
    }
}
