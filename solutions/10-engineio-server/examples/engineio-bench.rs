//! An echo over WebSocket, on this crate and on bare tokio-tungstenite, side by side in one run.
//!
//! ```console
//! $ cargo run --release -p engineio-server --example engineio-bench
//! ```
//!
//! A machine is never quiet, so only the ratios mean something. Each server is a process with one
//! thread. CPU time and memory are the server's alone, as Linux counts them.

use std::fs;
use std::io::{BufRead, BufReader, Error, Result};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use engineio_server::{Connection, Server};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{accept_async_with_config, client_async};

const ROUNDS: usize = 5;
const CLIENTS: usize = 100;
const MESSAGES: usize = 1000;
const IDLE: usize = 800;

fn main() -> Result<()> {
    let role = std::env::args().nth(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match role.as_deref() {
            Some("ours") => serve_ours().await,
            Some("bare") => serve_bare().await,
            _ => measure().await,
        }
    })
}

async fn measure() -> Result<()> {
    println!("{CLIENTS} clients, {MESSAGES} messages of 32 bytes each, {ROUNDS} rounds, medians\n");
    println!("in flight  messages/s  messages/CPU s   (this crate as a part of bare tungstenite)");
    for in_flight in [1, 16] {
        let mut rates = Vec::new();
        let mut costs = Vec::new();
        for _ in 0..ROUNDS {
            let bare = echo("bare", in_flight).await?;
            let ours = echo("ours", in_flight).await?;
            rates.push(bare.wall.as_secs_f64() / ours.wall.as_secs_f64());
            costs.push(bare.cpu.as_secs_f64() / ours.cpu.as_secs_f64());
        }
        println!("{in_flight:9}  {:10.2}  {:14.2}", median(rates), median(costs));
    }
    println!("\nbytes of memory for each of {IDLE} idle WebSockets");
    for server in ["bare", "ours"] {
        println!("{server:9}  {:10}", idle_memory(server).await?);
    }
    Ok(())
}

/// What an echo of all messages took.
struct Took {
    wall: Duration,
    cpu: Duration,
}

async fn echo(server: &str, in_flight: usize) -> Result<Took> {
    let server = Running::start(server)?;
    let mut sockets = Vec::new();
    for _ in 0..CLIENTS {
        sockets.push(server.connect().await?);
    }
    let (wall, cpu) = (Instant::now(), server.cpu()?);
    let mut clients = JoinSet::new();
    for mut socket in sockets {
        clients.spawn(async move {
            let text = format!("4{}", "x".repeat(31));
            for _ in 0..MESSAGES / in_flight {
                for _ in 0..in_flight {
                    socket.feed(Message::text(text.clone())).await.map_err(Error::other)?;
                }
                socket.flush().await.map_err(Error::other)?;
                for _ in 0..in_flight {
                    let came = socket.next().await.ok_or_else(|| Error::other("an early end"))?;
                    came.map_err(Error::other)?;
                }
            }
            Ok::<_, Error>(socket)
        });
    }
    // The sockets live until all is measured.
    let mut done = Vec::new();
    while let Some(client) = clients.join_next().await {
        done.push(client.map_err(Error::other)??);
    }
    Ok(Took { wall: wall.elapsed(), cpu: server.cpu()? - cpu })
}

async fn idle_memory(server: &str) -> Result<usize> {
    let server = Running::start(server)?;
    let warm = server.connect().await?;
    let before = server.memory()?;
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        idle.push(server.connect().await?);
    }
    let grown = server.memory()?.saturating_sub(before);
    drop((warm, idle));
    Ok(grown / IDLE)
}

/// A server in a process of its own.
struct Running {
    process: Child,
    address: SocketAddr,
}

impl Running {
    fn start(server: &str) -> Result<Self> {
        let mut process =
            Command::new(std::env::current_exe()?).arg(server).stdout(Stdio::piped()).spawn()?;
        let stdout = process.stdout.take().ok_or_else(|| Error::other("no output"))?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.trim().parse().map_err(Error::other)?;
        Ok(Self { process, address })
    }

    /// A WebSocket that has heard the first packet; bare tungstenite sends one as well.
    async fn connect(&self) -> Result<tokio_tungstenite::WebSocketStream<TcpStream>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let target = format!("ws://{}/engine.io/?EIO=4&transport=websocket", self.address);
        let (mut socket, _) = client_async(target, stream).await.map_err(Error::other)?;
        let first = socket.next().await.ok_or_else(|| Error::other("an early end"))?;
        first.map_err(Error::other)?;
        Ok(socket)
    }

    fn cpu(&self) -> Result<Duration> {
        let path = format!("/proc/{}/schedstat", self.process.id());
        let text = fs::read_to_string(path)?;
        let nanos = text.split(' ').next().and_then(|first| first.parse().ok());
        Ok(Duration::from_nanos(nanos.ok_or_else(|| Error::other("no number"))?))
    }

    fn memory(&self) -> Result<usize> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = text.lines().find(|line| line.starts_with("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        Ok(kilobytes.map(|kilobytes: usize| kilobytes * 1024).unwrap_or_default())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn listen() -> Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok(listener)
}

async fn serve_ours() -> Result<()> {
    let listener = listen().await?;
    let echo = |mut connection: Connection| async move {
        while let Some(message) = connection.next().await {
            if connection.send(message).is_err() {
                break;
            }
        }
    };
    Server::builder().build().serve(listener, echo).await;
    Ok(())
}

/// As its documentation shows it, but for the buffers: with the default of 128 KiB each connection holds
/// that much, and much of the time goes into filling it with zeros.
async fn serve_bare() -> Result<()> {
    let listener = listen().await?;
    let config = WebSocketConfig::default().read_buffer_size(4 << 10).write_buffer_size(4 << 10);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let mut socket = accept_async_with_config(stream, Some(config)).await?;
            socket.send(Message::text("hello")).await?;
            while let Some(message) = socket.next().await {
                if let message @ (Message::Text(_) | Message::Binary(_)) = message? {
                    socket.send(message).await?;
                }
            }
            Ok::<_, tokio_tungstenite::tungstenite::Error>(())
        });
    }
}

/// Of an odd number of values.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
