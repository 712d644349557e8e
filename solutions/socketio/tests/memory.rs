//! What large messages leave at a connection of the whole server, in a process of its own: other tests would
//! be counted too. See lesson 10's for the same of one layer.

use std::alloc::System;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use socketio::{Bytes, Server, Socket};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::time::timeout;
use wire::{BINARY, PING, PONG, TEXT, Wire};

#[path = "../../../tests/soak/src/wire.rs"]
#[allow(dead_code, reason = "the soak uses the rest")]
mod wire;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const CONNECTIONS: usize = 100;
const LARGE: usize = 900_000;

/// What a connection may weigh after it: in bytes, with the client's end, which is in this process too.
const WEIGHT: usize = 64 << 10;

/// Longer than any of it takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_large_text_each_way_over_a_websocket_is_given_back() {
    weigh(async |address| {
        let mut wire = enter_websocket(address).await;
        wire.send(TEXT, event().as_bytes()).await.expect("the server reads");
        let echo = wire.read_frame().await.expect("the server answers");
        assert_eq!(echo.payload, event().as_bytes());
        quieten(&mut wire).await;
        wire
    });
}

#[test]
fn large_bytes_each_way_over_a_websocket_are_given_back() {
    weigh(async |address| {
        let head = br#"451-["bytes",{"_placeholder":true,"num":0}]"#;
        let bytes = vec![7; LARGE];
        let mut wire = enter_websocket(address).await;
        wire.send(TEXT, head).await.expect("the server reads");
        wire.send(BINARY, &bytes).await.expect("the server reads");
        assert_eq!(wire.read_frame().await.expect("the server answers").payload, head);
        assert_eq!(wire.read_frame().await.expect("the server answers").payload, bytes);
        quieten(&mut wire).await;
        wire
    });
}

#[test]
fn a_large_text_each_way_over_polling_is_given_back() {
    weigh(async |address| {
        let mut wire = Wire::dial(address).await.expect("the server listens");
        let open = get(&mut wire, "EIO=4&transport=polling").await;
        let sid = open.split('"').nth(3).expect("an open packet").to_owned();
        let query = format!("EIO=4&transport=polling&sid={sid}");
        post(&mut wire, &query, "40").await;
        assert!(get(&mut wire, &query).await.starts_with("40{"));
        post(&mut wire, &query, &event()).await;
        assert_eq!(get(&mut wire, &query).await, event());
        // And once a little: the connection is idle when this is answered.
        post(&mut wire, &query, r#"42["text","x"]"#).await;
        assert_eq!(get(&mut wire, &query).await, r#"42["text","x"]"#);
        wire
    });
}

/// Lets many clients do the same, and weighs what of each is left while all stay.
fn weigh<C>(client: impl AsyncFn(SocketAddr) -> C) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let address = serve().await;
        let run = async || timeout(PATIENCE, client(address)).await.expect("expected an echo");
        // What is made once is made now.
        let mut clients = vec![run().await];
        let region = Region::new(ALLOCATOR);
        for _ in 0..CONNECTIONS {
            clients.push(run().await);
        }
        let change = region.change();
        let grown = change.bytes_allocated.saturating_sub(change.bytes_deallocated);
        let each = grown / CONNECTIONS;
        println!("{each} bytes for each of {CONNECTIONS} connections");
        assert!(each < WEIGHT, "expected less than {WEIGHT} bytes for each, came {each}");
    });
}

async fn serve() -> SocketAddr {
    let io = Server::builder().build();
    io.of("/")
        .on("text", async |socket: Socket, text: String| socket.emit("text", text))
        .on("bytes", async |socket: Socket, bytes: Bytes| socket.emit("bytes", bytes));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { io.serve(listener).await });
    address
}

fn event() -> String {
    format!(r#"42["text","{}"]"#, "x".repeat(LARGE))
}

async fn enter_websocket(address: SocketAddr) -> Wire {
    let wire = Wire::dial(address).await.expect("the server listens");
    let upgraded = wire.upgrade("EIO=4&transport=websocket").await;
    let mut wire = upgraded.expect("the server takes a WebSocket");
    assert!(wire.read_frame().await.expect("an open packet").payload.starts_with(b"0{"));
    wire.send(TEXT, b"40").await.expect("the server reads");
    assert!(wire.read_frame().await.expect("a yes").payload.starts_with(b"40{"));
    wire
}

/// The connection is idle when it has answered what came after.
async fn quieten(wire: &mut Wire) {
    wire.send(PING, b"").await.expect("the server reads");
    assert_eq!(wire.read_frame().await.expect("a pong").opcode, PONG);
}

async fn get(wire: &mut Wire, query: &str) -> String {
    let answer = wire.request("GET", query, b"").await.expect("an answer");
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.body).expect("a text")
}

async fn post(wire: &mut Wire, query: &str, packets: &str) {
    let answer = wire.request("POST", query, packets.as_bytes()).await.expect("an answer");
    assert_eq!(answer.status, 200);
}
