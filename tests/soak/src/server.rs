//! The process under test: servers whose limits are reached soon.

use std::hash::RandomState;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use buffering::{LogConfig, MemoryLog};
use futures_util::future::join_all;
use socketio::{Ack, Builder, Pattern, Server, SlowConsumer, Socket};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::net::TcpListener;
use tokio::time::interval;

use crate::app::{be_asked, count, end, filter, gather, guard, talk};
use crate::census::{Census, INTENDED, count_panics, figures};

/// A message may be so long.
pub(crate) const MAX_PAYLOAD: u64 = 100_000;

/// How often those who listen are told.
const TICK: Duration = Duration::from_millis(50);

/// How long a client may take over an answer.
const ANSWER: Duration = Duration::from_millis(500);

/// Serves until the input ends or says `stop`. Each other line is answered with the figures.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn serve() -> Result<()> {
    count_panics();
    let json = serve_one(Server::builder()).await?;
    // And a client that does not read misses something, instead of its connection.
    let builder = Server::builder().parser(socketio::MsgPack);
    let msgpack = serve_one(builder.slow_consumer(SlowConsumer::DropNewest)).await?;
    let recovering = serve_one(Server::builder().recovery(log())).await?;
    println!("{} {} {}", json.1, msgpack.1, recovering.1);
    let servers = [json.0, msgpack.0, recovering.0];
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let stops = line == "stop";
        if stops {
            join_all(servers.iter().map(|(io, _)| io.shutdown())).await;
        }
        println!("{}", serde_json::to_string(&figures(&servers).await)?);
        if stops {
            break;
        }
    }
    Ok(())
}

/// What is kept is forgotten soon, so that all is as before in the end.
fn log() -> MemoryLog {
    let soon = Duration::from_secs(2);
    let config = LogConfig { max_disconnection: soon, unnoticed: soon, ..LogConfig::default() };
    MemoryLog::new(config, RandomState::new())
}

async fn serve_one(builder: Builder) -> Result<((Server, Arc<Census>), SocketAddr)> {
    let census = Arc::<Census>::default();
    let io = build(builder, &census);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let serving = io.clone();
    tokio::spawn(async move { serving.serve(listener).await });
    // What is kept for those who are away has its task from here on.
    say_the_time(&io, 0);
    tokio::spawn(tick(io.clone()));
    Ok(((io, census), address))
}

fn build(builder: Builder, census: &Arc<Census>) -> Server {
    let known = Arc::clone(census);
    // Soon, and later than a client that behaves comes to say something on a busy machine.
    let (soon, late) = (Duration::from_secs(2), Duration::from_secs(5));
    let io = builder
        .ping_interval(soon)
        .ping_timeout(late)
        .connect_timeout(soon)
        .call_timeout(ANSWER)
        .max_payload(MAX_PAYLOAD)
        .max_namespaces(20)
        .max_buffered(1 << 20)
        .engine(|engine| {
            let engine = engine.upgrade_timeout(late).head_timeout(late).body_timeout(soon);
            engine.write_timeout(soon).close_timeout(soon)
        })
        .on_problem(move |problem| known.note(problem))
        .adapter(census.namespaces())
        .build();
    for name in ["/", "/other"] {
        count(&io.of(name), census);
        talk(&io.of(name), &census.handlers);
        be_asked(&io.of(name), &census.calls);
        gather(&io.of(name));
        end(&io.of(name));
    }
    count(&io.of("/beside").concurrent(8), census);
    talk(&io.of("/beside"), &census.handlers);
    guard(&io, census);
    filter(&io.of("/filtered"), census);
    let known = Arc::clone(census);
    io.of_dynamic(Pattern::new("/house-*"), move |house| {
        count(&house, &known);
        assert!(!house.name().ends_with("panic"), "{INTENDED}");
        // It knows its own namespace, and goes all the same.
        let own = house.clone();
        house.on("everybody", async move |_: Socket| Ack(own.fetch().await.len()));
        talk(&house, &known.handlers);
    });
    io
}

/// Tells those who listen how late it is.
async fn tick(io: Server) {
    let mut clock = interval(TICK);
    for number in 0.. {
        clock.tick().await;
        say_the_time(&io, number);
    }
}

fn say_the_time(io: &Server, number: u64) {
    io.to("listeners").emit("tick", number);
    io.to("crowd").emit("crowd", "x".repeat(200));
    io.to("crowd").volatile().emit("volatile", "x".repeat(2_000));
}
