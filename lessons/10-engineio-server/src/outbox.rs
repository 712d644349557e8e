use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use engineio_packet::{Bytes, Frame};
use tokio::io::AsyncWrite;
use websocket_connection::Connection;
use websocket_frame::{Frame as WireFrame, Opcode};

use crate::driver::FEW;
use crate::stream::Stream;

/// Before each payload stand so many bytes at least (RFC 6455, section 5.2): an empty message is not nothing.
const HEADER: usize = 2;

/// How much is copied to leave with one write. Of what is longer, the payload leaves from where it is.
const MAX_COPIED: usize = 16 << 10;

thread_local! {
    /// Where a thread puts together what leaves with one write: a connection needs no buffer of its own.
    static DESK: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What waits to be sent over a WebSocket. It waits as it is: of a broadcast, all who wait share the bytes.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// The 101, which leaves with the first frame.
    response: Vec<u8>,
    frames: VecDeque<Frame>,
    /// How long they are, with their headers.
    queued: usize,
    /// What has begun to leave, and goes on when the client reads: the bytes of frames, and a long payload.
    begun: VecDeque<Bytes>,
    /// The stream below may hold something back.
    unflushed: bool,
}

impl Outbox {
    pub(crate) fn new(response: Vec<u8>) -> Self {
        Self { response, ..Self::default() }
    }

    pub(crate) fn push(&mut self, frame: Frame) {
        self.queued += HEADER + frame.len();
        self.frames.push_back(frame);
    }

    /// How many bytes have not left. Of what the stream below holds back, it is only known that there is some.
    pub(crate) fn buffered(&self) -> usize {
        let begun = self.begun.iter().map(Bytes::len).sum::<usize>();
        self.response.len() + self.queued + begun + usize::from(self.unflushed)
    }

    /// How many frames wait.
    pub(crate) fn waiting(&self) -> usize {
        self.frames.len()
    }

    /// Forgets what waits. What has begun cannot be taken back.
    pub(crate) fn clear(&mut self) {
        self.frames = VecDeque::new();
        self.queued = 0;
    }

    /// Sends all that waits, and what the WebSocket itself has to say. Ready when nothing waits any more,
    /// or nothing can be sent.
    pub(crate) fn poll_flush(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut Stream,
        connection: &mut Connection,
    ) -> Poll<io::Result<()>> {
        loop {
            while let Some(bytes) = self.begun.front_mut() {
                let count = ready!(write(cx, stream, bytes))?;
                self.unflushed = true;
                let _ = bytes.split_to(count);
                if bytes.is_empty() {
                    self.begun.pop_front();
                }
            }
            if !self.send(cx, stream, connection)? {
                break;
            }
        }
        self.frames.shrink_to(FEW);
        if self.unflushed {
            ready!(Pin::new(stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Sends as much as fits on the desk with one write. Whether there was anything.
    fn send(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut Stream,
        connection: &mut Connection,
    ) -> io::Result<bool> {
        DESK.with_borrow_mut(|desk| {
            desk.clear();
            let payload = self.gather(connection, desk);
            if desk.is_empty() {
                return Ok(false);
            }
            let count = match write(cx, stream, desk) {
                Poll::Ready(count) => count?,
                Poll::Pending => 0,
            };
            self.unflushed = true;
            let rest = [Bytes::copy_from_slice(&desk[count..]), payload];
            self.begun.extend(rest.into_iter().filter(|bytes| !bytes.is_empty()));
            Ok(true)
        })
    }

    /// Puts frames on the desk. The payload of the last one, if it is long, is given back.
    fn gather(&mut self, connection: &mut Connection, desk: &mut Vec<u8>) -> Bytes {
        desk.extend(std::mem::take(&mut self.response));
        // A pong does not wait behind messages; a close frame is the last that is sent.
        if !connection.has_ended() {
            desk.extend(connection.poll_transmit().unwrap_or_default());
        }
        while desk.len() < MAX_COPIED
            && let Some(frame) = self.frames.pop_front()
        {
            self.queued -= HEADER + frame.len();
            let (opcode, payload) = match frame {
                Frame::Text(text) => (Opcode::Text, text.into_bytes()),
                Frame::Binary(bytes) => (Opcode::Binary, bytes),
            };
            let frame = WireFrame { is_final: true, opcode, payload: &payload };
            if payload.len() > MAX_COPIED {
                desk.extend_from_slice(&frame.header(None).to_bytes());
                return payload;
            }
            frame.encode(None, desk);
        }
        if connection.has_ended() && self.frames.is_empty() {
            desk.extend(connection.poll_transmit().unwrap_or_default());
        }
        Bytes::new()
    }
}

fn write(cx: &mut Context<'_>, stream: &mut Stream, bytes: &[u8]) -> Poll<io::Result<usize>> {
    match ready!(Pin::new(stream).poll_write(cx, bytes)) {
        Ok(0) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
        written => Poll::Ready(written),
    }
}
