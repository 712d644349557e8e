//! Every kind of handler.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use socketio::{
    Ack, Args, Bytes, DisconnectReason, Event, Handshake, Namespace, Next, RawArgs, Refusal,
    Server, Socket,
};
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::census::{Census, Gauge, INTENDED};

/// The most that a handler takes its time for, in milliseconds.
const SLOW: u64 = 300;

/// Knows of a socket for as long as anybody does.
pub(crate) fn count(nsp: &Namespace, census: &Census) {
    let sockets = census.sockets.clone();
    nsp.on_connect(async move |socket: Socket| socket.extensions().insert(sockets.one()));
}

#[derive(Deserialize, Serialize)]
struct Words {
    number: u64,
    bytes: Bytes,
}

/// One client and the server.
pub(crate) fn talk(nsp: &Namespace, handlers: &Gauge) {
    nsp.on("echo", async |socket: Socket, args: RawArgs| socket.emit("echo", args));
    nsp.on("ask", async |_: Socket, args: RawArgs| Ack(args));
    nsp.on("any", async |_: Socket, any: Value| Ack(any));
    nsp.on("add", async |_: Socket, Args((a, b)): Args<(i64, i64)>| Ack(a.wrapping_add(b)));
    nsp.on("bytes", async |socket: Socket, words: Words| socket.emit("bytes", words));
    nsp.on("refuse", async |_: Socket| Err::<(), _>(Refusal::new("not today")));
    nsp.on("panic", async |_: Socket| -> Result<(), Refusal> { panic!("{INTENDED}") });
    let gauge = handlers.clone();
    nsp.on("slow", async move |_: Socket, ms: u64| {
        let _one = gauge.one();
        sleep(Duration::from_millis(ms.min(SLOW))).await;
        Ack(ms)
    });
    let gauge = handlers.clone();
    nsp.on("slow panic", async move |_: Socket| -> Result<(), Refusal> {
        let _one = gauge.one();
        sleep(Duration::from_millis(SLOW)).await;
        panic!("{INTENDED}")
    });
    nsp.on("number", async |socket: Socket, number: u64| {
        if number.is_multiple_of(3) {
            sleep(Duration::from_millis(1)).await;
        }
        socket.emit("number", number);
    });
}

/// The server asks.
pub(crate) fn be_asked(nsp: &Namespace, calls: &Gauge) {
    let gauge = calls.clone();
    nsp.on("call me", async move |socket: Socket, args: RawArgs| {
        let _one = gauge.one();
        match socket.call::<RawArgs>("question", args).await {
            Ok(args) => socket.emit("answered", args),
            Err(error) => socket.emit("unanswered", error.to_string()),
        }
    });
    // A machine may be busy, and so a client that behaves.
    let gauge = calls.clone();
    nsp.on("call me patiently", async move |socket: Socket, args: RawArgs| {
        let _one = gauge.one();
        let answer = socket.call::<RawArgs>("question", args).timeout(Duration::from_secs(60));
        match answer.await {
            Ok(args) => socket.emit("answered", args),
            Err(error) => socket.emit("unanswered", error.to_string()),
        }
    });
    let (gauge, all) = (calls.clone(), nsp.clone());
    nsp.on("call all", async move |_: Socket| {
        let _one = gauge.one();
        let answers = all.to("crowd").call::<Value>("question", "all").await;
        Ack(answers.map_or(0, |answers| answers.len()))
    });
    // Nobody waits for it, but this.
    let gauge = calls.clone();
    nsp.on("call aside", async move |socket: Socket| {
        let one = gauge.one();
        tokio::spawn(async move {
            let _ = socket.call::<RawArgs>("question", "aside").await;
            drop(one);
        });
    });
}

/// Clients and each other. `crowd` and `prey` are theirs who misbehave.
pub(crate) fn gather(nsp: &Namespace) {
    nsp.on("join", async |socket: Socket, room: String| socket.join(&room));
    nsp.on("leave", async |socket: Socket, room: String| socket.leave(&room));
    nsp.on("say", async |socket: Socket, Args((room, args)): Args<(String, Value)>| {
        socket.to(&room).emit("said", args);
    });
    nsp.on("data", async |socket: Socket, data: Value| {
        socket.set_data(&data).map_err(|error| error.to_string())
    });
    let all = nsp.clone();
    nsp.on("fetch", async move |_: Socket, room: String| Ack(all.to(&room).fetch().await.len()));
    let all = nsp.clone();
    nsp.on("throw out", async move |_: Socket| all.to("prey").disconnect());
    let all = nsp.clone();
    nsp.on("hang up on all", async move |_: Socket| all.to("prey").disconnect_all());
    let all = nsp.clone();
    nsp.on("gather", async move |_: Socket| all.to("crowd").join("prey"));
    nsp.on("flood", async |socket: Socket, Args((times, size)): Args<(usize, usize)>| {
        let text = "x".repeat(size.min(50_000));
        for number in 0..times.min(10_000) {
            socket.emit("flood", &text);
            if number % 20 == 19 {
                yield_now().await; // it is not alone on its thread
            }
        }
    });
    nsp.on("produce", async |socket: Socket, times: usize| {
        for _ in 0..times.min(1_000) {
            socket.emit("flood", "x".repeat(10_000));
            socket.drained().await;
        }
    });
}

/// How sockets leave.
pub(crate) fn end(nsp: &Namespace) {
    struct Vengeful;
    nsp.on("disconnect me", async |socket: Socket| socket.disconnect());
    nsp.on("hang up", async |socket: Socket| socket.disconnect_all());
    nsp.on("vengeance", async |socket: Socket| socket.extensions().insert(Vengeful));
    nsp.on("until I leave", async |socket: Socket| {
        for _ in 0..100 {
            if !socket.is_connected() {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
    });
    nsp.on_disconnecting(|socket: Socket, _: &DisconnectReason| {
        socket.to("crowd").volatile().emit("leaving", socket.id());
        assert!(socket.extensions().get::<Vengeful>().is_none(), "{INTENDED}");
    });
    nsp.on_disconnect(async |socket: Socket, reason: DisconnectReason| {
        sleep(Duration::from_millis(5)).await;
        socket.to("crowd").volatile().emit("left", reason.reference_name());
        assert!(socket.extensions().get::<Vengeful>().is_none(), "{INTENDED}");
    });
}

#[derive(Deserialize)]
struct Pass {
    token: String,
}

/// A namespace that not everybody may enter.
pub(crate) fn guard(io: &Server, census: &Census) {
    let guarded = io.of("/guarded").auth(async |_: Handshake, pass: Pass| {
        sleep(Duration::from_millis(10)).await;
        match &*pass.token {
            "sesame" => Ok(pass.token),
            "panic" => panic!("{INTENDED}"),
            _ => Err("not authorized"),
        }
    });
    let sockets = census.sockets.clone();
    guarded.on_connect(async move |socket: Socket<String>| {
        socket.extensions().insert(sockets.one());
    });
    guarded.on("who am i", async |socket: Socket<String>| Ack(socket.user().clone()));
}

/// A namespace where events are looked at before they are handled.
pub(crate) fn filter(nsp: &Namespace, census: &Census) {
    count(nsp, census);
    nsp.wrap_packet(async |_: Socket, event: Event, next: Next| match &*event.name {
        "forbidden" => Err(Refusal::new("this is forbidden")),
        "panic before" => panic!("{INTENDED}"),
        _ => Ok(next.run(event).await),
    });
    nsp.on_any(async |socket: Socket, event: Event| socket.emit("seen", event.name.to_string()));
    talk(nsp, &census.handlers);
}
