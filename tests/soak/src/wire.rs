//! HTTP and WebSocket as bytes on a TCP connection: what well-behaved clients say, and what others make of
//! it. Nothing that was read is kept longer than it has to be, so that memory can be measured beside it.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// How many connections were made.
pub(crate) static DIALLED: AtomicUsize = AtomicUsize::new(0);

/// One connection: TCP, if nothing else is said.
pub(crate) struct Wire<S = TcpStream> {
    stream: S,
    /// What was read and not taken.
    ahead: Vec<u8>,
}

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// A frame that the server sent: whole, since it never fragments.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) opcode: u8,
    pub(crate) payload: Vec<u8>,
}

impl Wire {
    pub(crate) async fn dial(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        DIALLED.fetch_add(1, Relaxed);
        Ok(Self::over(stream))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self { stream, ahead: Vec::new() }
    }

    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }

    pub(crate) fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Becomes a WebSocket. `query` says whose.
    pub(crate) async fn upgrade(mut self, query: &str) -> Result<Self> {
        self.write(opening(query).as_bytes()).await?;
        let answer = self.read_answer().await?;
        if answer.status != 101 {
            let problem = format!("expected a 101, came {answer:?}");
            return Err(Error::new(ErrorKind::ConnectionRefused, problem));
        }
        Ok(self)
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).await
    }

    /// A request on this connection, which stays open.
    pub(crate) async fn request(
        &mut self,
        method: &str,
        query: &str,
        body: &[u8],
    ) -> Result<Answer> {
        self.write(&request(method, query, body)).await?;
        self.read_answer().await
    }

    pub(crate) async fn read_answer(&mut self) -> Result<Answer> {
        let head = loop {
            if let Some(end) = self.ahead.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break self.take(end + 4);
            }
            self.read_more().await?;
        };
        let head = String::from_utf8(head).map_err(|_| malformed("a head in ASCII"))?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        let body = self.read_exactly(length.unwrap_or(0)).await?;
        Ok(Answer { status: status.ok_or_else(|| malformed("a status"))?, body })
    }

    pub(crate) async fn send(&mut self, opcode: u8, payload: &[u8]) -> Result<()> {
        self.write(&frame(0x80 | opcode, payload)).await
    }

    pub(crate) async fn read_frame(&mut self) -> Result<Frame> {
        let head = self.read_exactly(2).await?;
        let length = match head[1] {
            126 => number(&self.read_exactly(2).await?),
            127 => number(&self.read_exactly(8).await?),
            short => short.into(),
        };
        Ok(Frame { opcode: head[0] & 15, payload: self.read_exactly(length).await? })
    }

    /// Reads whatever comes, until the server ends the connection.
    pub(crate) async fn read_to_end(&mut self) {
        self.ahead = Vec::new();
        let mut buffer = [0; 4096];
        while self.stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    }

    async fn read_exactly(&mut self, count: usize) -> Result<Vec<u8>> {
        while self.ahead.len() < count {
            self.read_more().await?;
        }
        Ok(self.take(count))
    }

    async fn read_more(&mut self) -> Result<()> {
        match self.stream.read_buf(&mut self.ahead).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.ahead.split_off(count);
        std::mem::replace(&mut self.ahead, rest)
    }
}

/// The request that opens a WebSocket.
pub(crate) fn opening(query: &str) -> String {
    format!(
        "GET /socket.io/?{query} HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

pub(crate) fn request(method: &str, query: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "{method} /socket.io/?{query} HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A client's frame, as a first byte says, with a mask that changes nothing.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..126 => frame.push(0x80 | short as u8),
        medium @ 126..0x1_0000 => {
            frame.push(0x80 | 126);
            frame.extend((medium as u16).to_be_bytes());
        }
        long => {
            frame.push(0x80 | 127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

fn malformed(expected: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("expected {expected}, came something else"))
}
