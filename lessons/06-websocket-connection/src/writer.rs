use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

use crate::Connection;
use crate::web_socket::now;

/// What a connection wants to send, on its way into the socket.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    written: usize,
    is_full: bool,
    /// The socket takes nothing any more. What it still gives is read all the same: the peer's close
    /// may be there.
    is_broken: bool,
}

impl Writer {
    /// Ready when everything is written, or never will be.
    pub(crate) fn poll<S: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
        connection: &mut Connection,
    ) -> Poll<()> {
        loop {
            if self.bytes.is_empty() {
                match connection.poll_transmit() {
                    Some(bytes) => self.bytes = bytes,
                    None => return Poll::Ready(()),
                }
            }
            if !self.is_broken {
                self.is_broken = ready!(self.poll_all(cx, stream, connection)).is_err();
            }
            *self = Self { is_broken: self.is_broken, ..Self::default() };
        }
    }

    fn poll_all<S: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
        connection: &mut Connection,
    ) -> Poll<io::Result<()>> {
        while self.written < self.bytes.len() {
            let rest = &self.bytes[self.written..];
            let write = Pin::new(&mut *stream).poll_write(cx, rest);
            let was_full = std::mem::replace(&mut self.is_full, write.is_pending());
            match ready!(write)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.written += count,
            }
            if was_full {
                connection.handle_room(now());
            }
        }
        Pin::new(stream).poll_flush(cx)
    }
}
