use std::io;

use socketio::{Ack, Bytes, Server, Socket};
use tokio::net::TcpListener;

pub(super) async fn serve(listener: TcpListener) -> io::Result<()> {
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
    io.serve(listener).await;
    Ok(())
}
