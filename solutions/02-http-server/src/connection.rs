use std::io;
use std::sync::Arc;

use http_message::{Request, RequestParser};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::Config;
use crate::fault::Fault;

/// How many bytes are read at once. It is part of every connection's memory, busy or not.
const PIECE: usize = 4096;

/// Says to go on with a body that the client holds back until then (RFC 9110, section 10.1.1).
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// One client, as requests in and bytes out. Every wait for the client ends.
///
/// ```text
///             first byte              last byte               answer read
///   idle ───────────────────▶ request ─────────▶ (handler) ───────────────▶ idle
///    │ idle_timeout, a stop      │ request_deadline  │ write_deadline
///    ▼                           ▼                   ▼
///   closed without a word       408                 cut
/// ```
pub(crate) struct Connection<S> {
    stream: S,
    parser: RequestParser,
    config: Arc<Config>,
    /// Becomes true once, when the server stops.
    stopping: watch::Receiver<bool>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn new(stream: S, config: Arc<Config>, stopping: watch::Receiver<bool>) -> Self {
        let parser = RequestParser::new(config.limits.clone());
        Self { stream, parser, config, stopping }
    }

    /// Whether the server is stopping.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// The next request, or `None` when there will not be one.
    pub(crate) async fn next_request(&mut self) -> Result<Option<Request>, Fault> {
        if !self.begins_before_a_stop().await? {
            return Ok(None);
        }
        match self.request_in_time().await {
            // Only the empty lines came that old clients send after a body: nothing was asked.
            Err(Fault::TooSlow { .. } | Fault::Incomplete) if !self.parser.is_mid_request() => {
                Ok(None)
            }
            result => result.map(Some),
        }
    }

    /// As [`Self::request_begins`]; a stop ends the wait. A request whose first byte is here is
    /// finished even then.
    async fn begins_before_a_stop(&mut self) -> io::Result<bool> {
        // ANCHOR: step_2_5_c
        let mut stopping = self.stopping.clone();
        tokio::select! {
            biased;
            begins = self.request_begins() => begins,
            _ = stopping.wait_for(|stopping| *stopping) => Ok(false),
        }
        // ANCHOR_END: step_2_5_c
    }

    /// Waits for the first byte of a request, no longer than `idle_timeout`. False when it does not
    /// come.
    async fn request_begins(&mut self) -> io::Result<bool> {
        if self.parser.is_mid_request() {
            // It came with the request before it.
            return Ok(true);
        }
        // ANCHOR: step_2_4
        timeout(self.config.idle_timeout, self.read_piece()).await.unwrap_or(Ok(false))
        // ANCHOR_END: step_2_4
    }

    /// As [`Self::read_request`], with one deadline for all of it.
    async fn request_in_time(&mut self) -> Result<Request, Fault> {
        // ANCHOR: step_2_4_b
        let deadline = self.config.request_deadline;
        timeout(deadline, self.read_request()).await.unwrap_or(Err(Fault::TooSlow { deadline }))
        // ANCHOR_END: step_2_4_b
    }

    /// Reads until the parser has a request.
    async fn read_request(&mut self) -> Result<Request, Fault> {
        // ANCHOR: step_2_1
        loop {
            if let Some(request) = self.parser.next_request()? {
                return Ok(request);
            }
            if self.parser.awaits_continue() {
                self.send(CONTINUE).await?;
            }
            if !self.read_piece().await? {
                return Err(Fault::Incomplete);
            }
        }
        // ANCHOR_END: step_2_1
    }

    /// Feeds the parser what arrives next. False when the client has no more to say.
    ///
    /// Cancellation safe: between the read and the feed nothing waits, so what was read is not lost.
    async fn read_piece(&mut self) -> io::Result<bool> {
        let mut piece = [0; PIECE];
        let count = self.stream.read(&mut piece).await?;
        self.parser.feed(&piece[..count]);
        Ok(count > 0)
    }

    /// As [`Self::write`], for no longer than `write_deadline`.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        // ANCHOR: step_2_4_c
        timeout(self.config.write_deadline, self.write(bytes)).await?
        // ANCHOR_END: step_2_4_c
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// The stream, and what came on it after the last request: HTTP is over.
    pub(crate) fn into_parts(self) -> (S, Vec<u8>) {
        (self.stream, self.parser.into_waiting())
    }

    /// Closes in stages, so that the client can read the last answer: first our side, then, for a
    /// while, what still comes is read and discarded, then the rest (RFC 9112, section 9.6).
    pub(crate) async fn close(mut self) -> io::Result<()> {
        // ANCHOR: step_2_3_c
        let stages = async {
            self.stream.shutdown().await?;
            let mut rest = self.stream.take(self.config.linger_bytes);
            tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
        };
        timeout(self.config.linger, stages).await?.map(drop)
        // ANCHOR_END: step_2_3_c
    }
}
