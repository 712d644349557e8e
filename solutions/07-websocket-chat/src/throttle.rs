use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

const SECOND: Duration = Duration::from_secs(1);

/// A stream from which only so many bytes are read in a second, give or take one read.
///
/// The [`Allowance`](crate::Allowance) counts messages, and cannot see what never becomes one: a fragment
/// without a byte in it costs its sender six, adds nothing to the length of a message, and may be
/// followed by another one for ever.
#[derive(Debug)]
pub(crate) struct Throttled<S> {
    stream: S,
    max: usize,
    left: usize,
    /// When this second ends.
    over: Instant,
    /// Only while nothing is left: most clients never need one.
    wait: Option<Pin<Box<Sleep>>>,
}

impl<S> Throttled<S> {
    /// `max` bytes a second, beginning with the first that is read.
    pub(crate) fn new(stream: S, max: usize) -> Self {
        Self { stream, max, left: 0, over: Instant::now(), wait: None }
    }

    /// The stream, of which as much can be read as there is.
    pub(crate) fn get_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Ready when something may be read.
    fn poll_allowed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let now = Instant::now();
            if now >= self.over {
                self.over = now + SECOND;
                self.left = self.max;
                self.wait = None;
            }
            if self.left > 0 {
                return Poll::Ready(());
            }
            let over = self.over;
            let wait = self.wait.get_or_insert_with(|| Box::pin(sleep_until(over)));
            ready!(wait.as_mut().poll(cx));
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Throttled<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_allowed(cx));
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        self.left = self.left.saturating_sub(buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Throttled<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
