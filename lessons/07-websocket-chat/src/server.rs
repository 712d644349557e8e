use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::{Chat, serve_connection};

/// How long to wait when the system has no file or memory left for a connection.
const BREATH: Duration = Duration::from_millis(100);

/// How many connections there may be beyond those that chat: for the page, and to be told that the room
/// is full. The next one waits in the system's queue.
const DOORS: usize = 16;

/// Accepts connections until `shutdown` is ready; then closes the room, which says goodbye to everybody,
/// and returns when the last connection has ended, or [`Limits::shutdown_grace`] is over.
///
/// [`Limits::shutdown_grace`]: crate::Limits::shutdown_grace
pub async fn serve(listener: TcpListener, chat: Arc<Chat>, shutdown: impl Future<Output = ()>) {
    let mut connections = JoinSet::new();
    tokio::select! {
        biased;
        () = shutdown => {}
        () = accept_all(&listener, &chat, &mut connections) => {}
    }
    drop(listener);
    chat.room.close();
    let ended = async { while connections.join_next().await.is_some() {} };
    // Over time or not: what is left is cut.
    let _ = timeout(chat.room.limits().shutdown_grace, ended).await;
    connections.shutdown().await;
}

/// Never returns.
async fn accept_all(listener: &TcpListener, chat: &Arc<Chat>, connections: &mut JoinSet<()>) {
    let places = chat.room.limits().max_connections.saturating_add(DOORS);
    let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        let place = place.expect("nobody closes the semaphore");
        let stream = accept(listener).await;
        // What ended meanwhile is forgotten, so that the set does not grow.
        while connections.try_join_next().is_some() {}
        connections.spawn(attend(stream, Arc::clone(chat), place));
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

async fn attend(stream: TcpStream, chat: Arc<Chat>, _place: OwnedSemaphorePermit) {
    // A message leaves at once, not when there is more to send with it.
    let _ = stream.set_nodelay(true);
    // How it ended was told to those who stay.
    let _ = serve_connection(stream, &chat).await;
}
