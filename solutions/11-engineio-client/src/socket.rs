//! The seam to tokio-tungstenite: packets as WebSocket messages.

use std::collections::VecDeque;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use engineio_packet::{ByteString, Frame, Sid};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as WireFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::TransportError;
use crate::connector::Connector;
use crate::endpoint::Endpoint;
use crate::pong::is_second_pong;
use crate::websocket_request;

/// How much tungstenite reads at once, and how much it gathers before it writes.
const BUFFER: usize = 16 << 10;

/// What waits is urgent when it is longer than this, in bytes,
const MUCH: usize = 64 << 10;

/// or when it has waited for as long as this.
const LINGER: Duration = Duration::from_millis(1);

/// For so many frames it keeps room.
const FEW: usize = 16;

/// A WebSocket that carries packets.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    /// What waits before tungstenite, and how long it is.
    queue: VecDeque<Frame>,
    queued: usize,
    /// Until when what was fed may wait for more. `None` when all has left.
    flush_at: Option<Instant>,
    max_incoming: usize,
}

impl Socket {
    /// Opens a WebSocket, for a session that is there or for a new one.
    pub(crate) async fn dial(
        connector: Connector,
        endpoint: &Endpoint,
        sid: Option<&Sid>,
        max_incoming: usize,
    ) -> Result<Self, TransportError> {
        let stream = TokioIo::new(websocket_request::open(connector, endpoint, sid).await?);
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER)
            .max_frame_size(Some(max_incoming))
            .max_message_size(Some(max_incoming));
        let stream = WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await;
        Ok(Self { stream, queue: VecDeque::new(), queued: 0, flush_at: None, max_incoming })
    }

    /// Sends a frame at the next flush.
    pub(crate) fn feed(&mut self, frame: Frame) {
        if is_second_pong(&frame, &self.queue) {
            return;
        }
        self.flush_at.get_or_insert_with(|| Instant::now() + LINGER);
        self.queued += frame.len();
        self.queue.push_back(frame);
    }

    /// How many bytes were fed and have not left.
    pub(crate) fn buffered(&self) -> usize {
        self.queued
    }

    /// How many frames they are. Each takes room, however short it is.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Whether nothing is left to be sent.
    pub(crate) fn is_flushed(&self) -> bool {
        self.flush_at.is_none()
    }

    /// Whether what waits has to leave before anything else is read: who talks without a pause must hear
    /// us all the same.
    pub(crate) fn is_urgent(&self) -> bool {
        self.queued > MUCH || self.flush_at.is_some_and(|at| Instant::now() >= at)
    }

    /// Sends what was fed. Ready when all of it has left, or nothing can be sent.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        if self.flush_at.is_none() {
            return Poll::Ready(Ok(()));
        }
        // If it has to wait, it is tried again when there is room, or a little later.
        self.flush_at = Some(Instant::now() + LINGER);
        while let Some(frame) = self.queue.front() {
            let length = frame.len();
            ready!(self.stream.poll_ready_unpin(cx)).map_err(|error| self.failed(&error))?;
            let frame = self.queue.pop_front().expect("it was there");
            self.queued -= length;
            self.stream.start_send_unpin(to_wire(frame)).map_err(|error| self.failed(&error))?;
        }
        ready!(self.stream.poll_flush_unpin(cx)).map_err(|error| self.failed(&error))?;
        self.flush_at = None;
        self.queue.shrink_to(FEW);
        Poll::Ready(Ok(()))
    }

    /// The next frame.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Frame, TransportError>> {
        loop {
            match ready!(self.stream.poll_next_unpin(cx)) {
                Some(Ok(Message::Text(text))) => {
                    let text = ByteString::try_from(Bytes::from(text))
                        .expect("tungstenite refuses a text that is not UTF-8");
                    return Poll::Ready(Ok(Frame::Text(text)));
                }
                Some(Ok(Message::Binary(bytes))) => return Poll::Ready(Ok(Frame::Binary(bytes))),
                // tungstenite answers a ping at the next read; a bare frame it only ever sends.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(frame))) => {
                    let problem = match frame {
                        Some(frame) => format!("the server closed it, {frame}"),
                        None => "the server closed it".to_owned(),
                    };
                    return Poll::Ready(Err(TransportError::Broken { problem }));
                }
                Some(Err(error)) => return Poll::Ready(Err(self.failed(&error))),
                None => return Poll::Ready(Err(self.failed(&Error::ConnectionClosed))),
            }
        }
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> Result<Frame, TransportError> {
        std::future::poll_fn(|cx| self.poll_frame(cx)).await
    }

    /// Says goodbye, after what was fed, and waits for the answer. In time or not: whoever calls this
    /// sets the deadline.
    pub(crate) async fn close(mut self) {
        let flushed = std::future::poll_fn(|cx| self.poll_flush(cx)).await;
        if flushed.is_ok() && self.stream.send(Message::Close(None)).await.is_ok() {
            while let Some(Ok(_)) = self.stream.next().await {}
        }
    }

    fn failed(&self, error: &Error) -> TransportError {
        match error {
            Error::Capacity(CapacityError::MessageTooLong { .. }) => {
                TransportError::TooLong { limit: self.max_incoming }
            }
            error => TransportError::broken(error),
        }
    }
}

/// The bytes are shared, and known to be UTF-8 where they have to be: there is nothing to check.
fn to_wire(frame: Frame) -> Message {
    let (kind, bytes) = match frame {
        Frame::Text(text) => (Data::Text, text.into_bytes()),
        Frame::Binary(bytes) => (Data::Binary, bytes),
    };
    Message::Frame(WireFrame::message(bytes, OpCode::Data(kind), true))
}
