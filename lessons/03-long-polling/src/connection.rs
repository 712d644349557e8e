use std::convert::Infallible;
use std::pin::pin;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_io_timeout::TimeoutStream;

use crate::{Board, Limits, answer};

/// The most that hyper keeps of a head that has not ended yet, in bytes. Beyond: 431.
const MAX_HEAD: usize = 16 << 10;

/// Answers the requests of one connection until it ends, or the board closes.
///
/// # Errors
///
/// When the client breaks the rules of HTTP, is too slow, or goes away in the middle of something.
pub async fn serve_connection<S>(stream: S, board: &Board, limits: &Limits) -> hyper::Result<()>
where
    S: AsyncRead + AsyncWrite,
{
    // hyper has no deadline for writing: a client that never reads would keep its place for ever.
    let mut stream = pin!(TimeoutStream::new(stream));
    stream.as_mut().set_write_timeout_pinned(Some(limits.write_deadline));
    let service =
        service_fn(async |request| Ok::<_, Infallible>(answer(board, limits, request).await));
    let connection = http1::Builder::new()
        // Without a timer hyper has no notion of time, and the deadline would never come.
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_deadline)
        .max_buf_size(MAX_HEAD)
        // The default, written down because we rely on it: a client that closes its side has left.
        .half_close(false)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        biased;
        // First, so that what is answered because of it says `connection: close`.
        () = board.closed() => connection.as_mut().graceful_shutdown(),
        ended = connection.as_mut() => return ended,
    }
    connection.await
}
