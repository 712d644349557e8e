//! The seam to tokio-tungstenite: the only file that knows it.

use std::collections::VecDeque;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use engineio_packet::{ByteString, Bytes, Frame};
use engineio_session::CloseReason;
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::Frame as WireFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use websocket_frame::FrameError;

use crate::driver::FEW;
use crate::stream::Stream;

/// How much tungstenite reads at once. It keeps a buffer of that size for each connection, and fills it
/// with zeros before each read; its default of 128 KiB is meant for few connections that carry much.
const READ_BUFFER: usize = 512;

/// What is longer, a message or several that leave together, makes buffers grow, which are given back.
const LARGE: usize = 4 << 10;

/// How much may wait in tungstenite's buffer, which is a copy, and leaves with one write. What comes after
/// it waits as it is: of a broadcast, all who wait share the bytes.
const MAX_COPIED: usize = 16 << 10;

/// How long a client may take over the last messages and its part of the goodbye.
pub(crate) const GOODBYE: Duration = Duration::from_secs(5);

/// A WebSocket that carries packets.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: WebSocketStream<Stream>,
    base64: bool,
    /// What waits before tungstenite, and how long it is.
    queue: VecDeque<Frame>,
    queued: usize,
    /// How much was given to tungstenite and has not left yet.
    copied: usize,
    /// How much tungstenite has answered to pings since all had left.
    pongs: usize,
    /// There is something to flush.
    dirty: bool,
    /// The last read found nothing: ask the connection before the next.
    drained: bool,
    /// Much came or went at once.
    grown: bool,
    max_payload: u64,
}

/// Why nothing more comes from a WebSocket.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The client said goodbye, or left.
    Gone,
    /// The client did what it must not.
    Fault(CloseReason),
}

impl Socket {
    /// Takes over a connection whose protocol has changed.
    pub(crate) fn open(stream: Stream, max_payload: u64, base64: bool) -> Self {
        let limit = usize::try_from(max_payload).unwrap_or(usize::MAX);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(MAX_COPIED)
            // Both: a single frame is refused at its header, many small ones when they add up.
            .max_frame_size(Some(limit))
            .max_message_size(Some(limit));
        Self {
            stream: over(stream, config),
            base64,
            queue: VecDeque::new(),
            queued: 0,
            copied: 0,
            pongs: 0,
            dirty: false,
            drained: false,
            grown: false,
            max_payload,
        }
    }

    /// Sends a frame at the next flush.
    pub(crate) fn feed(&mut self, frame: Frame) {
        // TODO step 10.4, continued: see `Socket::frame` in src/socket.rs
        todo!("step 10.4: The WebSocket (cargo course hint 10.4)")
    }

    /// How many bytes were fed and have not left.
    pub(crate) fn buffered(&self) -> usize {
        self.queued + self.copied
    }

    /// How many frames wait before tungstenite's buffer.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Forgets what waits.
    pub(crate) fn forget_queue(&mut self) {
        self.queue = VecDeque::new();
        self.queued = 0;
    }

    /// Sends what was fed. Ready when nothing of it waits any more, or nothing can be sent.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ended>> {
        while self.dirty {
            while self.copied < MAX_COPIED
                && let Some(frame) = self.queue.pop_front()
            {
                self.queued -= frame.len();
                self.copy(frame);
            }
            let flushed = self.stream.poll_flush_unpin(cx);
            self.count_written();
            ready!(flushed).map_err(|_| Ended::Gone)?;
            self.copied = 0;
            self.pongs = 0;
            self.dirty = !self.queue.is_empty();
        }
        self.queue.shrink_to(FEW);
        Poll::Ready(Ok(()))
    }

    /// Gives back what was made to grow: tungstenite never does, so it is replaced by a new one. That
    /// can be done only while it holds nothing of the stream.
    pub(crate) fn give_back(&mut self) {
        if self.grown && !self.dirty && self.stream.get_ref().is_between_messages() {
            let config = *self.stream.get_config();
            self.stream = over(self.stream.get_mut().take(), config);
            self.queue = VecDeque::new();
            self.grown = false;
        }
    }

    /// The next frame.
    pub(crate) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Result<Frame, Ended>> {
        loop {
            // tungstenite keeps each pong. A client that sends pings and reads none is not heard.
            if self.pongs > MAX_COPIED {
                ready!(self.poll_flush(cx))?;
            }
            // tungstenite fills its buffer with zeros before each read, even one that finds nothing.
            if self.drained {
                ready!(self.stream.get_ref().poll_readable(cx));
            }
            let came = self.stream.poll_next_unpin(cx);
            self.drained = came.is_pending();
            if let Poll::Ready(Some(Ok(Message::Ping(payload)))) = &came {
                let pong = size_of::<u16>() + payload.len();
                self.pongs += pong;
                self.copied += pong;
            }
            if let Some(frame) = self.frame(ready!(came)).transpose() {
                self.grown |= frame.as_ref().is_ok_and(|frame| frame.len() > LARGE);
                return Poll::Ready(frame);
            }
        }
    }

    /// What a message means to a session; `None` if it is only WebSocket's own.
    fn frame(&mut self, came: Option<Result<Message, Error>>) -> Result<Option<Frame>, Ended> {
        // TODO step 10.4: The WebSocket
        //
        // `frame` says what a message of tungstenite means to a session: texts and binaries are
        // frames; a ping or a pong is WebSocket's own, and tungstenite may have prepared an answer,
        // so the socket is `dirty`: it has to be flushed; a close, or no message at all, is
        // `Ended::Gone`; `self.ended(error)` tells what an error is.
        //
        // `feed` takes a frame to be sent at the next flush, as text if the client asked for
        // base64; so from then on the socket is `dirty`. While less than `MAX_COPIED` bytes wait in
        // tungstenite's buffer, and nothing before it, the frame is copied there; otherwise it
        // waits in `queue`, and `queued` counts it.
        //
        // `take_websocket`: if the machine takes the WebSocket it is ours, otherwise it goes back
        // over `refused`.
        //
        // `socket_ended`: let go of the WebSocket with `part`, which tells the client the fault, if
        // there was one. A fault on the session's own WebSocket fails the session (`Input::Fail`);
        // in all other cases the machine hears `WebSocketClosed`, and knows whether that was the
        // session's end or only a probe's.
        //
        // Stuck? cargo course hint 10.4
        todo!("step 10.4: The WebSocket (cargo course hint 10.4)")
    }

    /// Says goodbye, after what was fed, and waits for the answer: for [`GOODBYE`] at most, of which the
    /// caller takes care. Then the connection ends.
    pub(crate) async fn close(mut self, reason: Option<CloseReason>) {
        let _ = std::future::poll_fn(|cx| self.poll_flush(cx)).await;
        let _ = self.stream.send(Message::Close(reason.map(close_frame))).await;
        while let Some(Ok(_)) = self.stream.next().await {}
    }

    /// The bytes are shared, and known to be UTF-8 where they have to be: there is nothing to check.
    fn copy(&mut self, frame: Frame) {
        let (kind, bytes) = match frame {
            Frame::Text(text) => (Data::Text, text.into_bytes()),
            Frame::Binary(bytes) => (Data::Binary, bytes),
        };
        let frame = WireFrame::message(bytes, OpCode::Data(kind), true);
        self.copied += frame.len();
        self.grown |= self.copied > LARGE;
        // An error here comes again at the next flush.
        let _ = self.stream.start_send_unpin(Message::Frame(frame));
        self.count_written();
    }

    fn count_written(&mut self) {
        let written = self.stream.get_mut().take_written();
        self.copied = self.copied.saturating_sub(written);
    }

    fn ended(&self, error: Error) -> Ended {
        match error {
            Error::Capacity(CapacityError::MessageTooLong { .. }) => {
                Ended::Fault(CloseReason::TooLong { limit: self.max_payload })
            }
            Error::Io(error) => match error.downcast::<FrameError>() {
                Ok(error) => broken(&error),
                // The client may be gone, with a goodbye or without; to say one does no harm.
                Err(_) => Ended::Gone,
            },
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Ended::Gone,
            error => broken(&error),
        }
    }
}

fn broken(problem: &dyn std::error::Error) -> Ended {
    Ended::Fault(CloseReason::BrokenWebSocket { problem: problem.to_string() })
}

/// A WebSocket whose protocol has begun already.
fn over(stream: Stream, config: WebSocketConfig) -> WebSocketStream<Stream> {
    WebSocketStream::from_raw_socket(stream, Role::Server, Some(config))
        .now_or_never()
        .expect("without a handshake there is nothing to wait for")
}

/// What a client is told when the session ends because of what it did. The text says why.
fn close_frame(reason: CloseReason) -> CloseFrame {
    let code = match reason {
        CloseReason::TooLong { .. } => CloseCode::Size,
        CloseReason::BrokenWebSocket { .. } => CloseCode::Protocol,
        _ => CloseCode::Policy,
    };
    let mut reason = reason.to_string();
    // A control frame carries 125 bytes, two of them the code (RFC 6455, section 5.5).
    while reason.len() > 123 {
        reason.pop();
    }
    CloseFrame { code, reason: reason.into() }
}
