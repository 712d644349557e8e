use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::patience::Patience;

/// What is below a WebSocket. It counts what has left.
pub(crate) struct Stream {
    below: Below,
    written: usize,
}

enum Below {
    /// The connection itself, that can be asked whether there is something to read.
    Tcp(TcpStream),
    /// Whatever hyper was given.
    Other(Box<TokioIo<Upgraded>>),
}

impl Stream {
    /// What hyper leaves behind, and what it had read on behind the request: whoever drops that loses
    /// the first message of a client that did not wait.
    pub(crate) fn from_upgraded(upgraded: Upgraded) -> (Self, Vec<u8>) {
        // From our own listener.
        let upgraded = match upgraded.downcast::<TokioIo<Patience<TcpStream>>>() {
            Ok(parts) => {
                let stream = parts.io.into_inner().into_inner();
                return (Self::new(Below::Tcp(stream)), parts.read_buf.to_vec());
            }
            Err(upgraded) => upgraded,
        };
        // From somebody else's.
        match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => (Self::new(Below::Tcp(parts.io.into_inner())), parts.read_buf.to_vec()),
            Err(upgraded) => {
                (Self::new(Below::Other(Box::new(TokioIo::new(upgraded)))), Vec::new())
            }
        }
    }

    fn new(below: Below) -> Self {
        Self { below, written: 0 }
    }

    /// Ready when a read is worth a try.
    pub(crate) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.below {
            Below::Tcp(stream) => stream.poll_read_ready(cx).map(|_| ()),
            Below::Other(_) => Poll::Ready(()),
        }
    }

    /// How many bytes have left since this was asked last.
    pub(crate) fn take_written(&mut self) -> usize {
        std::mem::take(&mut self.written)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.below {
            Below::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Below::Other(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = match &mut self.below {
            Below::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
            Below::Other(stream) => Pin::new(stream).poll_write(cx, buf),
        };
        if let Poll::Ready(Ok(count)) = &written {
            self.written += count;
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.below {
            Below::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Below::Other(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.below {
            Below::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Below::Other(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("written", &self.written).finish_non_exhaustive()
    }
}
