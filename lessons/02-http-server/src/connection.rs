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
        // TODO step 2.5, continued: see `Server::serve` in src/server.rs
        self.request_begins().await
    }

    /// Waits for the first byte of a request, no longer than `idle_timeout`. False when it does not
    /// come.
    async fn request_begins(&mut self) -> io::Result<bool> {
        if self.parser.is_mid_request() {
            // It came with the request before it.
            return Ok(true);
        }
        // TODO step 2.4: Bound what a client costs
        //
        // Until now the server waits for a client as long as the client likes. Put a time on each
        // of the three waits: for the first byte of a request `idle_timeout` (then `Ok(false)`:
        // nothing was asked, so nothing is said); for the whole request `request_deadline` (then
        // `Fault::TooSlow`); for a client that has to read an answer `write_deadline` (then an
        // error). One timeout around the whole of `read_request` or `write`, not one around each
        // piece: else a byte now and then holds the connection for ever. All are in `self.config`.
        // Then, in src/server.rs, `has_room`: at most `max_connections` tasks at once, and 0 counts
        // as 1. (RFC 9110, section 15.5.9)
        //
        // What you can use: `timeout(duration, future).await` is `Ok(what the future gave)` or
        // `Err(Elapsed)`, and in a function that returns an `io::Error`, `?` turns `Elapsed` into
        // one.
        //
        // Stuck? cargo course hint 2.4
        self.read_piece().await
    }

    /// As [`Self::read_request`], with one deadline for all of it.
    async fn request_in_time(&mut self) -> Result<Request, Fault> {
        // TODO step 2.4, continued: see `Connection::request_begins` in src/connection.rs
        self.read_request().await
    }

    /// Reads until the parser has a request.
    async fn read_request(&mut self) -> Result<Request, Fault> {
        // TODO step 2.1: Read until a request is there
        //
        // Ask the parser for a request (`self.parser.next_request()`). If it has one, that is the
        // result. If not, read more (`self.read_piece().await`) and ask again. When the client has
        // no more to say, a request that is not complete never will be: `Fault::Incomplete`. One
        // thing in between: a client may have sent a head and be waiting to be told to go on with
        // the body (`self.parser.awaits_continue()`); send it `CONTINUE`. Ask that after
        // `next_request()`: it speaks of what `next_request()` has looked at. (RFC 9112, section
        // 9.3; RFC 9110, section 10.1.1)
        //
        // What you can use: `self.send(CONTINUE).await?`; `self.read_piece().await?` is false at
        // the end of what the client says; `?` turns a `Refusal` and an `io::Error` into a `Fault`.
        //
        // Stuck? cargo course hint 2.1
        todo!("step 2.1: Read until a request is there (cargo course hint 2.1)")
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
        // TODO step 2.4, continued: see `Connection::request_begins` in src/connection.rs
        self.write(bytes).await
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
        // TODO step 2.3, continued: see `persists` in src/exchange.rs
        Ok(())
    }
}
