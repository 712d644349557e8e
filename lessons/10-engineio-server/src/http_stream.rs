use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use smallvec::SmallVec;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// What is not longer is copied into one piece, in bytes: the system takes that sooner than two.
const SMALL: usize = 1024;

/// An answer with this extension, a 101 of ours, waits for the first frame and leaves with it. Whoever else switches
/// protocols knows nothing of that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeavesWithFrames;

/// What hyper reads from and writes to.
///
/// Its writer gives up when the other end takes nothing for so long: hyper has deadlines for reading and
/// none for writing, and a client that never reads its answer would keep it, and the connection, for
/// ever. And it keeps back what [`LeavesWithFrames`].
#[derive(Debug)]
pub(crate) struct HttpStream<S> {
    stream: S,
    limit: Duration,
    /// Only while a write waits.
    alarm: Option<Pin<Box<Sleep>>>,
    /// The next answer is to be held.
    switches: Arc<AtomicBool>,
    held: Vec<u8>,
}

impl<S> HttpStream<S> {
    pub(crate) fn new(stream: S, limit: Duration, switches: Arc<AtomicBool>) -> Self {
        Self { stream, limit, alarm: None, switches, held: Vec::new() }
    }

    /// The stream, and the 101 that has to leave first.
    pub(crate) fn into_parts(self) -> (S, Vec<u8>) {
        (self.stream, self.held)
    }

    fn holds_back(&self, bytes: &[u8]) -> bool {
        // The end of an answer before it may be under way still.
        self.switches.load(Ordering::Relaxed) && bytes.starts_with(b"HTTP/1.1 101 ")
    }

    /// A write that waits for too long fails.
    fn watch(
        &mut self,
        written: Poll<io::Result<usize>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.alarm = None;
            return written;
        }
        let limit = self.limit;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(limit)));
        alarm.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HttpStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HttpStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.holds_back(buf) {
            self.held = buf.to_vec();
            return Poll::Ready(Ok(buf.len()));
        }
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watch(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = bufs.iter().map(|buf| buf.len()).sum::<usize>();
        if length <= SMALL {
            let mut gathered = SmallVec::<[u8; SMALL]>::new();
            for buf in bufs {
                gathered.extend_from_slice(buf);
            }
            return self.poll_write(cx, &gathered);
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watch(written, cx)
    }

    /// If it is not, hyper copies each answer into one buffer, which a large one makes grow for good.
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
