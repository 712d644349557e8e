//! Many at once on two threads: broadcasts reach everybody while others join and leave, and nobody starves.
//! The connections are in memory, since a process may have few files.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use socketio::{Ack, Server, Socket};
use tokio::io::{DuplexStream, duplex};
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, yield_now};
use tokio::time::timeout;
use wire::{TEXT, Wire};

#[path = "../../../tests/soak/src/wire.rs"]
#[allow(dead_code, reason = "the soak uses the rest")]
mod wire;

const LISTENERS: usize = 1_000;
const CHURNERS: usize = 1_000;
const BROADCASTS: usize = 20;

/// How many questions of a churner are under way at the same time. The last leaves the room.
const TURNS: usize = 4;

/// How many rounds each churner makes, at least, while the broadcasts are under way: a fair share is more than
/// one for each.
const ROUNDS: usize = BROADCASTS / 3;

/// Longer than all of it takes.
const PATIENCE: Duration = Duration::from_secs(120);

type Client = Wire<DuplexStream>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broadcasts_reach_a_thousand_while_a_thousand_others_join_and_leave() {
    let all = timeout(PATIENCE, broadcast_and_churn(&server())).await;
    let fewest = all.expect("expected every client to get its turn");
    println!("while {BROADCASTS} broadcasts went out each churner made {fewest} rounds at least");
    assert!(fewest >= ROUNDS, "expected {ROUNDS} rounds of each churner, one made {fewest}");
}

/// How many rounds the slowest churner made.
async fn broadcast_and_churn(io: &Server) -> usize {
    let heard = Arc::new(Semaphore::new(0));
    let mut listeners = JoinSet::new();
    for _ in 0..LISTENERS {
        let mut client = enter(io).await;
        ask(&mut client, "join", 0).await;
        listeners.spawn(listen(client, Arc::clone(&heard)));
    }
    let (stop, begun) = (Arc::new(AtomicBool::new(false)), Arc::new(Semaphore::new(0)));
    let mut clients = Vec::new();
    for _ in 0..CHURNERS {
        clients.push(enter(io).await);
    }
    let mut churners = JoinSet::new();
    for client in clients {
        churners.spawn(churn(client, Arc::clone(&stop), Arc::clone(&begun)));
    }
    wait_for(&begun, CHURNERS).await;
    for number in 0..BROADCASTS {
        io.to("news").emit("news", number);
        // The next goes out when all have heard this one.
        wait_for(&heard, LISTENERS).await;
    }
    stop.store(true, Relaxed);
    let rounds = churners.join_all().await;
    assert_eq!(io.to("news").fetch().await.len(), LISTENERS);
    listeners.join_all().await;
    rounds.into_iter().min().expect("there are churners")
}

async fn wait_for(done: &Semaphore, times: usize) {
    let times = u32::try_from(times).expect("a small number");
    done.acquire_many(times).await.expect("it is never closed").forget();
}

/// Hears every broadcast once, in order, and nothing else.
async fn listen(mut client: Client, heard: Arc<Semaphore>) -> Client {
    for number in 0..BROADCASTS {
        assert_eq!(hear(&mut client).await, format!(r#"42["news",{number}]"#));
        heard.add_permits(1);
    }
    client
}

/// Joins and leaves, a room and the namespace, until it is stopped. Its answers come in the order of its
/// questions. How many rounds it made after its first.
async fn churn(mut client: Client, stop: Arc<AtomicBool>, begun: Arc<Semaphore>) -> usize {
    let mut rounds = 0;
    loop {
        for turn in 0..TURNS {
            let event = if turn % 2 == 0 { "join" } else { "leave" };
            say(&mut client, &format!(r#"42{turn}["{event}",{turn}]"#)).await;
        }
        for turn in 0..TURNS {
            assert_eq!(hear_no_news(&mut client).await, format!("43{turn}[{turn}]"));
        }
        // Out of the namespace, and in again.
        say(&mut client, "41").await;
        say(&mut client, "40").await;
        assert!(hear_no_news(&mut client).await.starts_with("40{"));
        if rounds == 0 {
            begun.add_permits(1);
        }
        if stop.load(Relaxed) {
            return rounds;
        }
        rounds += 1;
    }
}

fn server() -> Server {
    // Nobody is pinged here.
    let io = Server::builder().ping_interval(Duration::from_secs(3600)).build();
    io.of("/")
        .on("join", async |socket: Socket, turn: u64| {
            socket.join("news");
            // Some take longer than others, and are handled in order all the same.
            if turn == 2 {
                yield_now().await;
            }
            Ack(turn)
        })
        .on("leave", async |socket: Socket, turn: u64| {
            socket.leave("news");
            Ack(turn)
        });
    io
}

async fn enter(io: &Server) -> Client {
    let (ours, theirs) = duplex(4 << 10);
    let io = io.clone();
    tokio::spawn(async move { io.serve_connection(theirs, None).await });
    let upgraded = Wire::over(ours).upgrade("EIO=4&transport=websocket").await;
    let mut client = upgraded.expect("the server takes a WebSocket");
    assert!(hear(&mut client).await.starts_with("0{"));
    say(&mut client, "40").await;
    assert!(hear(&mut client).await.starts_with("40{"));
    client
}

async fn ask(client: &mut Client, event: &str, turn: usize) {
    say(client, &format!(r#"420["{event}",{turn}]"#)).await;
    assert_eq!(hear(client).await, format!("430[{turn}]"));
}

async fn hear_no_news(client: &mut Client) -> String {
    loop {
        let heard = hear(client).await;
        if !heard.starts_with(r#"42["news","#) {
            return heard;
        }
    }
}

async fn hear(client: &mut Client) -> String {
    let frame = client.read_frame().await.expect("the connection stands");
    String::from_utf8(frame.payload).expect("a text")
}

async fn say(client: &mut Client, packet: &str) {
    client.send(TEXT, packet.as_bytes()).await.expect("the connection stands");
}
