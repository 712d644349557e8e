//! A thousand clients, ten thousand broadcasts, and one client that never reads.
//!
//!     cargo run --release -p lesson-07-websocket-chat --example chat-load
//!
//! The server runs as a process of its own, so that its memory can be told apart from that of the
//! clients. Everything stays on this machine and ends by itself.

use std::error::Error;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use lesson_07_websocket_chat::{Chat, Limits, serve};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use websocket_handshake::Policy;

const CLIENTS: usize = 1_000;
const BROADCASTS: usize = 10_000;
/// In bytes.
const TEXT: usize = 1_000;
/// The next batch is sent when everybody has read the last one: who reads is never too slow.
const BATCH: usize = 50;
/// The whole must be over by then.
const DEADLINE: Duration = Duration::from_secs(300);

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;
type Socket = WebSocketStream<TcpStream>;

#[tokio::main]
async fn main() -> Outcome<()> {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return serve_until_left().await;
    }
    let mut server = Server::start()?;
    timeout(DEADLINE, load(&mut server)).await?
}

/// The other process: it ends when the first one does, for then its input ends.
async fn serve_until_left() -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    // One client says everything here, and the one that never reads has to be found by what it leaves
    // lying, also where that takes more than 45 s. All other limits are what they always are.
    let limits = Limits { max_rate: u32::MAX, ping_interval: DEADLINE, ..Limits::default() };
    let chat = Arc::new(Chat::new(limits, Policy::default()));
    serve(listener, chat, async {
        let _ = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
    })
    .await;
    Ok(())
}

async fn load(server: &mut Server) -> Outcome<()> {
    println!("server, nobody there    {}", server.memory("VmRSS"));
    let began = Instant::now();
    // It joins, and then never reads. Held to the end, so that it does not leave either.
    let _deaf = join(server.port, "deaf").await?;
    let mut speaker = join(server.port, "speaker").await?;
    let read_by_all = Arc::new(Semaphore::new(0));
    let (tell, mut gone) = mpsc::channel(CLIENTS);
    let mut readers = JoinSet::new();
    for number in 2..CLIENTS {
        let socket = join(server.port, &format!("reader {number}")).await?;
        readers.spawn(read(socket, Arc::clone(&read_by_all), tell.clone()));
    }
    println!(
        "{CLIENTS} connected          {}, after {:.1} s",
        server.memory("VmRSS"),
        began.elapsed().as_secs_f64()
    );

    let began = Instant::now();
    let text = format!(r#"{{"type":"say","text":"{}"}}"#, "x".repeat(TEXT));
    let mut given_up = None;
    for sent in (BATCH..=BROADCASTS).step_by(BATCH) {
        for _ in 0..BATCH {
            speaker.feed(Message::text(text.as_str())).await?;
        }
        speaker.flush().await?;
        hear(&mut speaker, BATCH).await?; // it is one of those who are told
        read_by_all.acquire_many(u32::try_from(readers.len())?).await?.forget();
        if given_up.is_none()
            && let Ok(event) = gone.try_recv()
        {
            given_up = Some((sent, event));
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let mut all = BROADCASTS;
    while let Some(read) = readers.join_next().await {
        all += read??;
    }
    println!(
        "{BROADCASTS} broadcasts        {all} of {} messages arrived, in {seconds:.1} s: {:.0} a second",
        (CLIENTS - 1) * BROADCASTS,
        all as f64 / seconds
    );
    match given_up {
        Some((sent, event)) => {
            println!("the one that never reads  after {sent} broadcasts: {event}");
        }
        None => println!("the one that never reads  is still there"),
    }
    println!(
        "server at the end       {}, at most {}",
        server.memory("VmRSS"),
        server.memory("VmHWM")
    );
    Ok(())
}

async fn join(port: u16, name: &str) -> Outcome<Socket> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(|error| {
        format!("expected a connection for each client, came: {error}; raise ulimit -n to 4096")
    })?;
    let config = WebSocketConfig::default().read_buffer_size(4 << 10);
    let (mut socket, _) =
        client_async_with_config("ws://localhost/chat", stream, Some(config)).await?;
    socket.send(Message::text(format!(r#"{{"type":"join","name":"{name}"}}"#))).await?;
    // Until it is welcome, it is not told what the others say.
    while !next(&mut socket).await?.starts_with(r#"{"type":"welcome""#) {}
    Ok(socket)
}

/// Reads every broadcast, and counts them; tells who is gone.
async fn read(
    mut socket: Socket,
    read_by_all: Arc<Semaphore>,
    gone: mpsc::Sender<String>,
) -> Outcome<usize> {
    let mut count = 0;
    while count < BROADCASTS {
        let message = next(&mut socket).await?;
        if message.starts_with(r#"{"type":"left""#) {
            gone.send(message).await?;
        } else if message.starts_with(r#"{"type":"said""#) {
            count += 1;
            if count % BATCH == 0 {
                read_by_all.add_permits(1);
            }
        }
    }
    Ok(count)
}

async fn hear(socket: &mut Socket, mut count: usize) -> Outcome<()> {
    while count > 0 {
        count -= usize::from(next(socket).await?.starts_with(r#"{"type":"said""#));
    }
    Ok(())
}

async fn next(socket: &mut Socket) -> Outcome<String> {
    let message = socket.next().await.ok_or("expected a message, came the end")??;
    match message {
        Message::Close(frame) => Err(format!("expected a message, came a close: {frame:?}").into()),
        message => Ok(message.into_text()?.to_string()),
    }
}

struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start() -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("expected the server's output, came none")?;
        let mut line = String::new();
        BufReader::new(output.take(16)).read_line(&mut line)?;
        Ok(Self { process, port: line.trim().parse()? })
    }

    /// What Linux says of the process; other systems say it elsewhere.
    fn memory(&self, field: &str) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        kib.map_or("unknown here".to_owned(), |kib| format!("{:.1} MiB", kib / 1024.0))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
