use std::io;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, ToSocketAddrs};
use websocket_frame::MaskKey;
use websocket_handshake::{Answer, Opened, Opening, WrongAnswer};

use crate::web_socket::now;
use crate::{Config, Connection, WebSocket};

/// Connects to a server, and asks it for a WebSocket. For a limit of time put it into
/// `tokio::time::timeout`.
///
/// # Errors
///
/// When nobody answers, or not as a WebSocket server does.
pub async fn dial(
    address: impl ToSocketAddrs,
    opening: Opening,
    config: Config,
) -> Result<WebSocket<TcpStream>, DialError> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    open(stream, opening, config).await
}

/// Asks for a WebSocket on a connection that stands.
///
/// # Errors
///
/// As [`dial`].
pub async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    opening: Opening,
    config: Config,
) -> Result<WebSocket<S>, DialError> {
    let (request, mut parser) = opening.start(rand::random());
    stream.write_all(&request).await?;
    stream.flush().await?;
    let mut piece = [0; 1024];
    loop {
        let count = stream.read(&mut piece).await?;
        if count == 0 {
            return Err(parser.end().into());
        }
        match parser.read(&piece[..count])? {
            Answer::Incomplete(next) => parser = next,
            Answer::Opened(Opened { subprotocol, early, .. }) => {
                let connection = Connection::client(config, draw_mask, now());
                let socket = WebSocket::new(stream, early, connection);
                return Ok(socket.with_subprotocol(subprotocol));
            }
        }
    }
}

/// From rand's generator for each thread, which is made for cryptography: a mask "needs to be
/// unpredictable" (RFC 6455, section 5.3), and to ask the system for each frame would cost a call.
fn draw_mask() -> MaskKey {
    MaskKey(rand::random())
}

/// Why there is no WebSocket.
#[derive(Debug, Error)]
pub enum DialError {
    /// The server cannot be reached, or it has gone.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
    /// It was reached, and did not open one.
    #[error(transparent)]
    Refused(#[from] WrongAnswer),
}
