use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::http_stream::HttpStream;

/// What is below a WebSocket.
pub(crate) enum Stream {
    /// The connection itself.
    Tcp(TcpStream),
    /// TLS above it, say.
    Other(Box<dyn Io>),
}

pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Io for S {}

/// What hyper leaves behind.
pub(crate) struct Upgrade {
    pub(crate) stream: Stream,
    /// What came behind the request: whoever drops that loses the first message of a client that did not
    /// wait.
    pub(crate) early: Bytes,
    /// The 101, if it has not left.
    pub(crate) response: Vec<u8>,
}

/// Takes back from hyper what [`Server::serve_connection`](crate::Server::serve_connection) was given: only
/// there its type is known. The deadline for writing was for answers; how long a WebSocket may rest, pings say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TakeBack(fn(Upgraded) -> Result<Upgrade, Upgraded>);

impl TakeBack {
    pub(crate) fn of<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>() -> Self {
        Self(|upgraded| {
            let parts = upgraded.downcast::<TokioIo<HttpStream<S>>>()?;
            let (stream, response) = parts.io.into_inner().into_parts();
            Ok(Upgrade { stream: Stream::Other(Box::new(stream)), early: parts.read_buf, response })
        })
    }
}

impl Upgrade {
    pub(crate) fn of(upgraded: Upgraded, ours: Option<TakeBack>) -> Self {
        // From our own listener.
        let upgraded = match upgraded.downcast::<TokioIo<HttpStream<TcpStream>>>() {
            Ok(parts) => {
                let (stream, response) = parts.io.into_inner().into_parts();
                return Self { stream: Stream::Tcp(stream), early: parts.read_buf, response };
            }
            Err(upgraded) => upgraded,
        };
        let upgraded = match ours {
            Some(TakeBack(take)) => match take(upgraded) {
                Ok(upgrade) => return upgrade,
                Err(upgraded) => upgraded,
            },
            None => upgraded,
        };
        // From somebody else's.
        let (stream, early) = match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => (Stream::Tcp(parts.io.into_inner()), parts.read_buf),
            Err(upgraded) => (Stream::Other(Box::new(TokioIo::new(upgraded))), Bytes::new()),
        };
        Self { stream, early, response: Vec::new() }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Other(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Other(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Self::Other(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Other(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}
