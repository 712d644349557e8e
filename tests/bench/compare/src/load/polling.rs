//! Clients that poll: one connection waits for what comes, another brings what is said.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::arrivals::Arrivals;
use super::exchange::argument;
use super::template::Template;
use super::{Clients, PATIENCE, Tally};

const CLIENTS: usize = 50;
const EVENT: usize = 128;

/// Between the packets of a payload.
const SEPARATOR: u8 = 0x1e;

pub(super) async fn start(address: SocketAddr, tally: &Arc<Tally>) -> Result<Clients> {
    let mut sessions = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        let session = timeout(PATIENCE, Session::open(address)).await;
        sessions.push(session.context("expected a session, came nothing")??);
    }
    let talk = |(client, session)| talk(session, client, tally.clone());
    Ok(sessions.into_iter().enumerate().map(talk).collect())
}

async fn talk(mut session: Session, client: usize, tally: Arc<Tally>) -> Result<()> {
    let event = format!(r#"42["echo","{}"]"#, argument(client, EVENT));
    let template = Template::new(&event);
    let mut arrivals = Arrivals::default();
    while !tally.is_over() {
        let asked = arrivals.count();
        let mut event = Vec::with_capacity(template.len());
        template.write(asked, &mut event);
        let (came, ()) = tokio::try_join!(session.poll.get(), session.post.post(&event))?;
        for packet in session.packets(came).await? {
            arrivals.arrive(template.read(&packet)?, asked + 1)?;
        }
        tally.count(1);
    }
    Ok(())
}

/// Its two connections.
struct Session {
    poll: Http,
    post: Http,
}

impl Session {
    async fn open(address: SocketAddr) -> Result<Self> {
        let mut poll = Http::open(address, String::new()).await?;
        let open = poll.get().await?;
        let open = String::from_utf8_lossy(&open);
        let sid = open.split_once(r#""sid":""#).and_then(|(_, rest)| rest.split('"').next());
        let sid = sid.with_context(|| format!("expected a session's id, came {open:?}"))?;
        poll.query = format!("&sid={sid}");
        let mut post = Http::open(address, poll.query.clone()).await?;
        post.post(b"40").await?;
        let came = poll.get().await?;
        let mut session = Self { poll, post };
        let came = session.packets(came).await?;
        ensure!(came[0].starts_with(b"40{"), "expected to have joined, came {came:?}");
        Ok(session)
    }

    /// The packets of a payload, and of as many more as it takes until there is one. Pings are answered.
    async fn packets(&mut self, mut payload: Bytes) -> Result<Vec<Bytes>> {
        loop {
            let packets = payload.split(|byte| *byte == SEPARATOR);
            let (pings, packets): (Vec<_>, Vec<_>) =
                packets.map(|packet| payload.slice_ref(packet)).partition(|it| it == "2");
            for _ in pings {
                self.post.post(b"3").await?;
            }
            if !packets.is_empty() {
                return Ok(packets);
            }
            payload = self.poll.get().await?;
        }
    }
}

/// A connection for one request after another.
struct Http {
    stream: TcpStream,
    input: BytesMut,
    address: SocketAddr,
    query: String,
}

impl Http {
    async fn open(address: SocketAddr, query: String) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot connect")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, input: BytesMut::new(), address, query })
    }

    async fn get(&mut self) -> Result<Bytes> {
        let head = self.head("GET");
        self.ask(format!("{head}\r\n").as_bytes()).await
    }

    async fn post(&mut self, payload: &[u8]) -> Result<()> {
        let head = self.head("POST");
        let (kind, length) = ("Content-Type: text/plain;charset=UTF-8", payload.len());
        let mut request = format!("{head}{kind}\r\nContent-Length: {length}\r\n\r\n").into_bytes();
        request.extend_from_slice(payload);
        let answer = self.ask(&request).await?;
        ensure!(answer == "ok", "expected ok, came {answer:?}");
        Ok(())
    }

    fn head(&self, method: &str) -> String {
        let Self { address, query, .. } = self;
        format!(
            "{method} /socket.io/?EIO=4&transport=polling{query} HTTP/1.1\r\nHost: {address}\r\n"
        )
    }

    async fn ask(&mut self, request: &[u8]) -> Result<Bytes> {
        self.stream.write_all(request).await.context("cannot write")?;
        loop {
            if let Some(body) = take_response(&mut self.input)? {
                return Ok(body);
            }
            let length = self.stream.read_buf(&mut self.input).await.context("cannot read")?;
            ensure!(length > 0, "expected a response, came the end of the connection");
        }
    }
}

/// The body of a response; none if it is not complete.
fn take_response(input: &mut BytesMut) -> Result<Option<Bytes>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(input)? else {
        return Ok(None);
    };
    ensure!(response.code == Some(200), "expected 200, came {:?}", response.code);
    let length =
        response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|header| std::str::from_utf8(header.value).ok()?.parse().ok());
    let length: usize = length.context("expected a response with its length, came one without")?;
    if input.len() - head < length {
        return Ok(None);
    }
    let _ = input.split_to(head);
    Ok(Some(input.split_to(length).freeze()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_taken_when_it_is_complete() {
        let mut input = BytesMut::from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
        assert_eq!(take_response(&mut input).expect("valid"), None);
        input.extend_from_slice(b"kHTTP");
        assert_eq!(take_response(&mut input).expect("valid").as_deref(), Some(&b"ok"[..]));
        assert_eq!(input, "HTTP", "the next response has begun");
    }

    #[test]
    fn another_response_is_an_error() {
        for (head, expected) in [
            (
                "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
                "expected 200, came Some(400)",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "expected a response with its length, came one without",
            ),
        ] {
            let error = take_response(&mut BytesMut::from(head)).expect_err("refused");
            assert_eq!(error.to_string(), expected);
        }
    }
}
