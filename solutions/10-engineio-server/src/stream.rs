use std::cell::RefCell;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::coop::poll_proceed;

use crate::frame_meter::FrameMeter;
use crate::patience::Patience;

thread_local! {
    /// Into which all connections of a thread read: an idle one needs no buffer of its own.
    static SHARED: RefCell<Box<[u8]>> = RefCell::new(vec![0; 64 << 10].into());
}

/// What is below a WebSocket: it counts what has left, and gives what comes frame by frame.
pub(crate) struct Stream {
    below: Below,
    written: usize,
    /// What was read and is of a later frame.
    ahead: Bytes,
    meter: FrameMeter,
}

enum Below {
    /// The connection itself, that can be asked whether there is something to read.
    Tcp(TcpStream),
    /// TLS above it, say.
    Other(Box<dyn Io>),
    /// It was taken away.
    Nothing,
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Io for S {}

/// Takes back from hyper what [`Server::serve_connection`](crate::Server::serve_connection) was given: only
/// there its type is known. Its [`Patience`] was for answers; how long a WebSocket may rest, pings say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TakeBack(fn(Upgraded) -> Result<Stream, Upgraded>);

impl TakeBack {
    pub(crate) fn of<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>() -> Self {
        Self(|upgraded| {
            let parts = upgraded.downcast::<TokioIo<Patience<S>>>()?;
            let stream = parts.io.into_inner().into_inner();
            Ok(Stream::new(Below::Other(Box::new(stream)), &parts.read_buf))
        })
    }
}

impl Stream {
    /// What hyper leaves behind, and what it had read on behind the request: whoever drops that loses
    /// the first message of a client that did not wait.
    pub(crate) fn from_upgraded(upgraded: Upgraded, ours: Option<TakeBack>) -> Self {
        // From our own listener.
        let upgraded = match upgraded.downcast::<TokioIo<Patience<TcpStream>>>() {
            Ok(parts) => {
                let stream = parts.io.into_inner().into_inner();
                return Self::new(Below::Tcp(stream), &parts.read_buf);
            }
            Err(upgraded) => upgraded,
        };
        let upgraded = match ours {
            Some(TakeBack(take)) => match take(upgraded) {
                Ok(stream) => return stream,
                Err(upgraded) => upgraded,
            },
            None => upgraded,
        };
        // From somebody else's.
        match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => Self::new(Below::Tcp(parts.io.into_inner()), &parts.read_buf),
            Err(upgraded) => Self::new(Below::Other(Box::new(TokioIo::new(upgraded))), &[]),
        }
    }

    fn new(below: Below, early: &[u8]) -> Self {
        // A copy: hyper's buffer is larger.
        let ahead = Bytes::copy_from_slice(early);
        Self { below, written: 0, ahead, meter: FrameMeter::new() }
    }

    /// Takes the connection away, and all that is known about it.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(Below::Nothing, &[]))
    }

    /// Ready when a read is worth a try.
    pub(crate) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.below {
            Below::Tcp(stream) if self.ahead.is_empty() => stream.poll_read_ready(cx).map(|_| ()),
            _ => Poll::Ready(()),
        }
    }

    /// How many bytes have left since this was asked last.
    pub(crate) fn take_written(&mut self) -> usize {
        std::mem::take(&mut self.written)
    }

    /// Whether whoever reads holds nothing back: all that it got was whole messages.
    pub(crate) fn is_between_messages(&self) -> bool {
        self.meter.is_between_messages()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { below, ahead, meter, .. } = &mut *self;
        if !ahead.is_empty() {
            // One read may bring ten thousand frames: other connections have their turn between them.
            ready!(poll_proceed(cx)).made_progress();
            let given = give(meter, ahead, buf)?;
            ahead.advance(given);
            if ahead.is_empty() {
                *ahead = Bytes::new(); // and with it its memory
            }
            return Poll::Ready(Ok(()));
        }
        SHARED.with_borrow_mut(|shared| {
            let mut read = ReadBuf::new(shared);
            ready!(below.poll_read(cx, &mut read))?;
            let came = read.filled();
            let given = give(meter, came, buf)?;
            *ahead = Bytes::copy_from_slice(&came[given..]);
            Poll::Ready(Ok(()))
        })
    }
}

/// Gives what is of one frame, and fits.
fn give(meter: &mut FrameMeter, bytes: &[u8], buf: &mut ReadBuf<'_>) -> io::Result<usize> {
    let fits = bytes.len().min(buf.remaining());
    let given = meter.take(&bytes[..fits]);
    let given = given.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    buf.put_slice(&bytes[..given]);
    Ok(given)
}

impl Below {
    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Other(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Nothing => Poll::Ready(Ok(())),
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
            Below::Nothing => return Poll::Ready(Ok(0)),
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
            Below::Nothing => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.below {
            Below::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Below::Other(stream) => Pin::new(stream).poll_shutdown(cx),
            Below::Nothing => Poll::Ready(Ok(())),
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("ahead", &self.ahead).finish_non_exhaustive()
    }
}
