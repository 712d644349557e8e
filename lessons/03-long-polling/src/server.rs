use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::{Board, Limits, serve_connection};

/// How long to wait when the system has no file or memory left for a connection.
const BREATH: Duration = Duration::from_millis(100);

/// Accepts connections until `shutdown` is ready; then closes the board, which answers everybody who
/// waits, and returns when the last connection has ended, or [`Limits::shutdown_grace`] is over.
pub async fn serve(
    listener: TcpListener,
    board: Arc<Board>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    let limits = Arc::new(limits);
    let mut connections = JoinSet::new();
    tokio::select! {
        biased;
        () = shutdown => {}
        () = accept_all(&listener, &board, &limits, &mut connections) => {}
    }
    drop(listener);
    board.close();
    let ended = async { while connections.join_next().await.is_some() {} };
    // Over time or not: what is left is cut.
    let _ = timeout(limits.shutdown_grace, ended).await;
    connections.shutdown().await;
}

/// Never returns.
async fn accept_all(
    listener: &TcpListener,
    board: &Arc<Board>,
    limits: &Arc<Limits>,
    connections: &mut JoinSet<()>,
) {
    let places = Arc::new(Semaphore::new(limits.max_connections));
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        let place = place.expect("nobody closes the semaphore");
        let stream = accept(listener).await;
        // What ended meanwhile is forgotten, so that the set does not grow.
        while connections.try_join_next().is_some() {}
        connections.spawn(converse(stream, Arc::clone(board), Arc::clone(limits), place));
    }
}

/// The next connection. An error is one connection's, or the system's; it never ends the server.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            // The client left before it was accepted.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            // Nothing that a loop without a pause would mend.
            Err(_) => sleep(BREATH).await,
        }
    }
}

async fn converse(
    stream: TcpStream,
    board: Arc<Board>,
    limits: Arc<Limits>,
    _place: OwnedSemaphorePermit,
) {
    // An answer leaves at once, not when there is more to send with it.
    let _ = stream.set_nodelay(true);
    // How a connection broke is its client's affair; it takes nothing with it.
    let _ = serve_connection(stream, &board, &limits).await;
}
