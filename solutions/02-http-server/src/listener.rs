use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

/// Where connections come from: a TCP port, or a test.
pub trait Listener: 'static {
    /// A connection, as bytes both ways.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Waits for the next connection.
    ///
    /// It must be cancellation safe: when the future is dropped before it is ready, no connection is
    /// lost.
    ///
    /// # Errors
    ///
    /// When there is none this time; there may be one the next time.
    fn accept(&mut self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

impl Listener for TcpListener {
    type Stream = TcpStream;

    async fn accept(&mut self) -> io::Result<TcpStream> {
        let (stream, _) = TcpListener::accept(self).await?;
        // An answer is written at once: to hold it back until more can go with it is pure delay. That
        // is all it costs where it cannot be set.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }
}
