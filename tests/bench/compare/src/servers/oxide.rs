//! As its documents write it: on axum, with async handlers, each of which gets a task.

use std::io;

use axum::serve::ListenerExt;
use bytes::Bytes;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Data, SocketRef};
use tokio::net::TcpListener;

pub(super) async fn serve(listener: TcpListener) -> io::Result<()> {
    let (layer, io) = SocketIo::new_layer();
    io.ns("/", connected);
    // axum leaves Nagle's algorithm on, and every other server here turns it off.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, axum::Router::new().layer(layer)).await
}

/// Whoever left meanwhile gets no answer, which is no error.
async fn connected(socket: SocketRef) {
    socket.on("echo", async |socket: SocketRef, Data(text): Data<String>| {
        let _ = socket.emit("echo", &text);
    });
    socket.on("binary", async |socket: SocketRef, Data(bytes): Data<Bytes>| {
        let _ = socket.emit("binary", &bytes);
    });
    socket.on("ack", async |Data(text): Data<String>, ack: AckSender| {
        let _ = ack.send(&text);
    });
    socket.on("broadcast", async |io: SocketIo, Data(text): Data<String>| {
        let _ = io.emit("broadcast", &text).await;
    });
    socket.on("join", async |socket: SocketRef, Data(room): Data<String>, ack: AckSender| {
        socket.join(room);
        let _ = ack.send(&());
    });
    socket.on("room", async |io: SocketIo, Data(text): Data<String>| {
        let _ = io.to("room").emit("room", &text).await;
    });
}
