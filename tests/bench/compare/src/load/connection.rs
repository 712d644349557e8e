//! A client over WebSocket: it has joined the main namespace, and answers pings by itself.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PATIENCE;
use super::frames::{self, Frame, Opcode};

/// The example of RFC 6455, section 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Enough for a burst of answers.
const READ: usize = 16 << 10;

pub(super) struct Connection {
    stream: TcpStream,
    input: BytesMut,
    /// What leaves in one write, before the next read.
    pub(super) output: Vec<u8>,
}

impl Connection {
    /// Connects and joins.
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        timeout(PATIENCE, Self::join(address))
            .await
            .context("expected to be let in, came nothing")?
    }

    async fn join(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot connect")?;
        stream.set_nodelay(true)?;
        let mut connection = Self { stream, input: BytesMut::new(), output: Vec::new() };
        connection.upgrade(address).await?;
        connection.expect("0{").await?;
        connection.text("40");
        connection.expect("40{").await?;
        Ok(connection)
    }

    async fn upgrade(&mut self, address: SocketAddr) -> Result<()> {
        let request = format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {address}\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: {KEY}\r\n\r\n"
        );
        self.output.extend(request.into_bytes());
        let end = loop {
            self.read().await?;
            if let Some(end) = self.input.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = self.input.split_to(end);
        let head = String::from_utf8_lossy(&head);
        let is_accepted = head.starts_with("HTTP/1.1 101 ") && head.contains(ACCEPT);
        ensure!(is_accepted, "expected the yes to a WebSocket, came {head:?}");
        Ok(())
    }

    /// The next text begins so.
    async fn expect(&mut self, start: &str) -> Result<()> {
        let frame = self.next().await?;
        let is_expected = frame.payload.starts_with(start.as_bytes());
        ensure!(is_expected, "expected {start:?}, came {:?}", frame.payload);
        Ok(())
    }

    /// Writes a text with the next read.
    pub(super) fn text(&mut self, text: &str) {
        frames::write_head(Opcode::Text, text.len(), &mut self.output);
        self.output.extend_from_slice(text.as_bytes());
    }

    /// What comes next, other than pings.
    pub(super) async fn next(&mut self) -> Result<Frame> {
        loop {
            match frames::read(&mut self.input)? {
                Some(frame) if frame.opcode == Opcode::Text && frame.payload == "2" => {
                    self.text("3");
                }
                Some(Frame { opcode: Opcode::Ping, payload }) => {
                    frames::write_head(Opcode::Pong, payload.len(), &mut self.output);
                    self.output.extend_from_slice(&payload);
                }
                Some(frame) => return Ok(frame),
                None => self.read().await?,
            }
        }
    }

    /// Leaves as a browser does, and waits until the server has closed.
    pub(super) async fn leave(mut self) -> Result<()> {
        self.text("41");
        frames::write_head(Opcode::Close, 2, &mut self.output);
        self.output.extend(1000u16.to_be_bytes());
        while self.next().await?.opcode != Opcode::Close {}
        Ok(())
    }

    pub(super) async fn flush(&mut self) -> Result<()> {
        self.stream.write_all(&self.output).await.context("cannot write")?;
        self.output.clear();
        Ok(())
    }

    async fn read(&mut self) -> Result<()> {
        if !self.output.is_empty() {
            self.flush().await?;
        }
        self.input.reserve(READ);
        let length = self.stream.read_buf(&mut self.input).await.context("cannot read")?;
        ensure!(length > 0, "expected an answer, came the end of the connection");
        Ok(())
    }
}
