//! What it costs to hear of twenty messages: how many requests and bytes, and how late they are.
//!
//!     cargo run -p lesson-03-long-polling --example polling-cost
//!
//! All clients listen to the same board at the same time, over real connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lesson_03_long_polling::{Board, Limits, serve};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::sleep;

const MESSAGES: usize = 20;

/// How a client asks.
#[derive(Clone, Copy)]
enum Polling {
    Short(Duration),
    Long,
}

/// What it cost one client to hear of all messages.
struct Cost {
    requests: usize,
    bytes: usize,
    heard: Vec<Instant>,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let limits = Limits::default();
    let board = Arc::new(Board::new(&limits));
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, Arc::clone(&board), limits, async {
        let _ = stopped.await;
    }));

    let ways = [5000, 1000, 200, 50].map(|ms| Polling::Short(Duration::from_millis(ms)));
    let clients = ways.into_iter().chain([Polling::Long]);
    let clients: Vec<_> = clients.map(|way| (way, tokio::spawn(listen(address, way)))).collect();
    let posted = post_all(&board).await;
    let seconds = posted.last().map_or(0, |last| last.duration_since(posted[0]).as_secs());
    println!("{MESSAGES} messages in {seconds} s\n");
    println!("                     requests      bytes    mean delay   worst delay");
    for (way, client) in clients {
        report(way, &client.await??, &posted);
    }

    let _ = stop.send(());
    server.await?;
    Ok(())
}

/// Posts at irregular moments, as people do.
async fn post_all(board: &Board) -> Vec<Instant> {
    let mut posted = Vec::new();
    for number in 0..MESSAGES as u64 {
        sleep(Duration::from_millis(300 + number * 7919 % 2500)).await;
        posted.push(Instant::now());
        board.post(format!("message {number} of {MESSAGES}"));
    }
    posted
}

async fn listen(address: SocketAddr, way: Polling) -> io::Result<Cost> {
    let mut stream = BufReader::new(TcpStream::connect(address).await?);
    let mut cost = Cost { requests: 0, bytes: 0, heard: Vec::new() };
    while cost.heard.len() < MESSAGES {
        let wait = match way {
            Polling::Short(_) => "",
            Polling::Long => "&wait=25",
        };
        // Ids begin with 1 and have no gaps: what was heard is what was seen.
        let target = format!("/messages?since={}{wait}", cost.heard.len());
        let (bytes, body) = ask(&mut stream, &target).await?;
        cost.requests += 1;
        cost.bytes += bytes;
        let messages = body.matches("\"id\":").count();
        cost.heard.extend(std::iter::repeat_n(Instant::now(), messages));
        if let Polling::Short(interval) = way {
            sleep(interval).await;
        }
    }
    Ok(cost)
}

/// One request and its answer: how many bytes both were, and the answer's body.
async fn ask(stream: &mut BufReader<TcpStream>, target: &str) -> io::Result<(usize, String)> {
    let question = format!("GET {target} HTTP/1.1\r\nhost: board\r\n\r\n");
    stream.write_all(question.as_bytes()).await?;
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length = length.and_then(|length| length.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let body = String::from_utf8(body).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok((question.len() + head.len() + body.len(), body))
}

fn report(way: Polling, cost: &Cost, posted: &[Instant]) {
    let name = match way {
        Polling::Short(interval) => format!("short, every {interval:?}"),
        Polling::Long => "long".to_owned(),
    };
    let delays = cost.heard.iter().zip(posted).map(|(heard, posted)| heard.duration_since(*posted));
    let delays: Vec<f64> = delays.map(|delay| delay.as_secs_f64() * 1000.0).collect();
    let mean = delays.iter().sum::<f64>() / delays.len() as f64;
    let worst = delays.iter().copied().fold(0.0, f64::max);
    let Cost { requests, bytes, .. } = cost;
    println!("{name:19} {requests:>9} {bytes:>10} {mean:>10.1} ms {worst:>10.1} ms");
}
