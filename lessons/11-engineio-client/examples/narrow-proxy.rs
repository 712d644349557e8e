//! A network as some users have it: between port 4011 and the server on port 4010, HTTP passes, and a
//! WebSocket meets with a rule. It shows what passes, and when.
//!
//!     cargo run -p lesson-11-engineio-client --example narrow-proxy -- forbid
//!
//! It looks at the first request of a connection only. A WebSocket is always the first.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

const USAGE: &str = "\
narrow-proxy RULE
  pass    everything passes
  forbid  a WebSocket is answered with 403
  cut     its handshake passes, and then the connection is cut
  stall   it is never answered
  slow    everything passes, each piece 100 ms later";

#[derive(Clone, Copy, PartialEq)]
enum Rule {
    Pass,
    Forbid,
    Cut,
    Stall,
    Slow,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let rule = match std::env::args().nth(1).as_deref() {
        Some("pass") => Rule::Pass,
        Some("forbid") => Rule::Forbid,
        Some("cut") => Rule::Cut,
        Some("stall") => Rule::Stall,
        Some("slow") => Rule::Slow,
        _ => {
            println!("{USAGE}");
            return Ok(());
        }
    };
    let listener = TcpListener::bind("127.0.0.1:4011").await?;
    println!("http://127.0.0.1:4011 leads to 127.0.0.1:4010 (Ctrl+C stops)");
    let mut begun = None;
    loop {
        let (client, _) = listener.accept().await?;
        let begun = *begun.get_or_insert_with(Instant::now);
        tokio::spawn(async move {
            if let Err(error) = (Way { rule, begun }).carry(client).await {
                println!("  {error}");
            }
        });
    }
}

#[derive(Clone, Copy)]
struct Way {
    rule: Rule,
    begun: Instant,
}

impl Way {
    async fn carry(self, mut client: TcpStream) -> io::Result<()> {
        // What TCP's own handshake would take.
        sleep(2 * self.delay()).await;
        let mut piece = vec![0; 4096];
        let count = client.read(&mut piece).await?;
        let request = &piece[..count];
        let is_websocket =
            String::from_utf8_lossy(request).to_ascii_lowercase().contains("upgrade: websocket");
        match self.rule {
            Rule::Forbid if is_websocket => {
                self.show("→ |", request);
                let answer =
                    b"HTTP/1.1 403 Forbidden\r\nContent-Length: 18\r\n\r\nno WebSockets here";
                self.show("← |", answer);
                client.write_all(answer).await
            }
            Rule::Stall if is_websocket => {
                self.show("→ |", request);
                client.read(&mut piece).await.map(drop)
            }
            Rule::Cut if is_websocket => self.cut(client, request).await,
            _ => self.pass(client, request).await,
        }
    }

    async fn pass(self, client: TcpStream, request: &[u8]) -> io::Result<()> {
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = TcpStream::connect("127.0.0.1:4010").await?.into_split();
        // One that hangs up is heard by the other.
        tokio::try_join!(
            self.pump(request.chain(from_client), to_server, "→"),
            self.pump(from_server, to_client, "←"),
        )?;
        Ok(())
    }

    async fn pump(
        self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
        arrow: &str,
    ) -> io::Result<()> {
        let (passed, mut passing) = mpsc::unbounded_channel();
        let read = async move {
            let mut piece = vec![0; 64 << 10];
            while let count @ 1.. = from.read(&mut piece).await? {
                let _ = passed.send((Instant::now() + self.delay(), piece[..count].to_vec()));
            }
            Ok(())
        };
        let write = async {
            while let Some((at, piece)) = passing.recv().await {
                sleep_until(at).await;
                self.show(arrow, &piece);
                to.write_all(&piece).await?;
            }
            to.shutdown().await
        };
        tokio::try_join!(read, write).map(drop)
    }

    async fn cut(self, mut client: TcpStream, request: &[u8]) -> io::Result<()> {
        let mut server = TcpStream::connect("127.0.0.1:4010").await?;
        self.show("→", request);
        server.write_all(request).await?;
        let mut answer = vec![0; 4096];
        let count = server.read(&mut answer).await?;
        self.show("←", &answer[..count]);
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(count);
        client.write_all(&answer[..count.min(end + 4)]).await?;
        if String::from_utf8_lossy(request).contains("&sid=") {
            // Of a session that tries it: the client speaks first.
            let count = client.read(&mut answer).await?;
            self.show("→ |", &answer[..count]);
        }
        Ok(())
    }

    fn delay(self) -> Duration {
        if self.rule == Rule::Slow { Duration::from_millis(100) } else { Duration::ZERO }
    }

    /// The first line of an HTTP message and how its body begins; of a WebSocket's frames, how long they are.
    fn show(self, arrow: &str, piece: &[u8]) {
        let end = piece.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        let (head, body) = piece.split_at(end.unwrap_or(0));
        let head = String::from_utf8_lossy(head);
        let line = head.lines().next().unwrap_or_default();
        let line = line.trim_end_matches(" HTTP/1.1").split("&t=").next().unwrap_or_default();
        let body = match str::from_utf8(body) {
            Ok(text) if end.is_some() => text.replace('\u{1e}', "␞"),
            _ => format!("WebSocket: {} bytes", body.len()),
        };
        let what = format!("{line}  {body:.40}");
        println!("{:6} ms {arrow} {}", self.begun.elapsed().as_millis(), what.trim());
    }
}
