//! Who comes back while they still leave.

use std::hash::RandomState;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use buffering::{LogConfig, MemoryLog};
use serde_json::{Value, json};
use socketio::{DisconnectReason, Server, Socket};
use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;
use wire::{TEXT, Wire};

#[path = "../../../tests/soak/src/wire.rs"]
#[allow(dead_code, reason = "the soak uses the rest")]
mod wire;

const PATIENCE: Duration = Duration::from_secs(20);

/// If the server knew the client again before its old socket had left, the old one would take the rooms of the
/// new one along, since both have one id.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_back_before_they_have_left_is_in_their_rooms() {
    let (leaving, mut leaves) = unbounded_channel();
    let (back, until) = channel();
    let until = Mutex::new(until);
    let (gone, mut left) = unbounded_channel();
    let log = MemoryLog::new(LogConfig::default(), RandomState::new());
    let io = Server::builder().recovery(log).build();
    io.of("/")
        .on("echo", async |socket: Socket, number: u64| socket.emit("echo", number))
        .on_disconnecting(move |_: Socket, _: &DisconnectReason| {
            let _ = leaving.send(());
            let _ = until.lock().expect("nobody panics here").recv();
        })
        .on_disconnect(async move |_: Socket, _: DisconnectReason| {
            let _ = gone.send(());
        });

    let mut client = open(&io).await;
    let welcome = enter(&mut client, "40").await;
    let offset = echo(&mut client).await;
    say(&mut client, "1").await;
    within(leaves.recv()).await;
    let mut client = open(&io).await;
    let shown = json!({ "pid": welcome["pid"], "offset": offset });
    enter(&mut client, &format!("40{shown}")).await;
    back.send(()).expect("it waits");
    within(left.recv()).await;

    echo(&mut client).await;
}

async fn within<T>(event: impl Future<Output = T>) -> T {
    timeout(PATIENCE, event).await.expect("expected a socket to leave")
}

async fn open(io: &Server) -> Wire<DuplexStream> {
    let (ours, theirs) = duplex(4 << 10);
    let io = io.clone();
    tokio::spawn(async move { io.serve_connection(theirs, None).await });
    let upgraded = Wire::over(ours).upgrade("EIO=4&transport=websocket").await;
    let mut client = upgraded.expect("the server takes a WebSocket");
    assert!(hear(&mut client).await.starts_with("0{"));
    client
}

/// What the client is told.
async fn enter(client: &mut Wire<DuplexStream>, connect: &str) -> Value {
    say(client, connect).await;
    let welcome = hear(client).await;
    let json = welcome.strip_prefix("40").expect("to be let in");
    serde_json::from_str(json).expect("JSON")
}

/// Says something, and hears it. Its offset.
async fn echo(client: &mut Wire<DuplexStream>) -> Value {
    say(client, r#"42["echo",5]"#).await;
    let heard = hear(client).await;
    let heard: Value = serde_json::from_str(&heard[2..]).expect("JSON");
    assert_eq!((&heard[0], &heard[1]), (&json!("echo"), &json!(5)));
    heard[2].clone()
}

async fn say(client: &mut Wire<DuplexStream>, packet: &str) {
    client.send(TEXT, packet.as_bytes()).await.expect("the connection stands");
}

async fn hear(client: &mut Wire<DuplexStream>) -> String {
    let frame = timeout(PATIENCE, client.read_frame()).await.expect("expected a packet");
    String::from_utf8(frame.expect("the connection stands").payload).expect("a text")
}
