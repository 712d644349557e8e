//! What a load generator measures: echo, acknowledgements, rooms and broadcasts.
//!
//! ```console
//! $ cargo run --release -p socketio --example socketio-bench -- 4200
//! ```

use socketio::{Ack, Bytes, Server, Socket};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let Some(port) = std::env::args().nth(1).and_then(|port| port.parse::<u16>().ok()) else {
        eprintln!("expected a port");
        std::process::exit(2);
    };
    let io = Server::builder().build();
    let main = io.of("/");
    let everybody = main.clone();
    main.on("echo", async |socket: Socket, text: String| socket.emit("echo", text))
        .on("binary", async |socket: Socket, bytes: Bytes| socket.emit("binary", bytes))
        .on("ack", async |_: Socket, text: String| Ack(text))
        .on("broadcast", async move |_: Socket, text: String| everybody.emit("broadcast", text))
        .on("join", async |socket: Socket, room: String| socket.join(&room));
    let room = main.clone();
    main.on("room", async move |_: Socket, text: String| room.to("room").emit("room", text));
    io.serve(TcpListener::bind(("127.0.0.1", port)).await?).await;
    Ok(())
}
