use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Version};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::Refusal;
use crate::answer::{Answer, refused};
use crate::eager::begun;
use crate::http_stream::{HttpStream, LeavesWithFrames};
use crate::open::wants_websocket;
use crate::request_head::MAX_HEAD;
use crate::shared::Shared;
use crate::stream::TakeBack;

/// How long to wait when the system has no file or memory left for a connection.
const BREATH: Duration = Duration::from_millis(100);

/// How long the answers that are under way may take when the sessions have ended.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// Accepts connections until the server has stopped. Sessions that close may still need new ones.
pub(crate) async fn serve<F, Fut>(listener: TcpListener, shared: &Arc<Shared>, respond: F)
where
    F: Fn(Request<Incoming>, SocketAddr) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Answer> + Send + 'static,
{
    // A task of its own is where the connections' tasks are, and not on the thread that began it all.
    let mut server = JoinSet::new();
    server.spawn(accept_until_stopped(listener, Arc::clone(shared), respond));
    if let Some(Err(error)) = server.join_next().await
        && let Ok(panic) = error.try_into_panic()
    {
        resume_unwind(panic);
    }
}

async fn accept_until_stopped<F, Fut>(listener: TcpListener, shared: Arc<Shared>, respond: F)
where
    F: Fn(Request<Incoming>, SocketAddr) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Answer> + Send,
{
    let mut connections = JoinSet::new();
    shared.stop.cut(accept_all(&listener, &shared, &respond, &mut connections)).await;
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    let _ = timeout(LAST_ANSWERS, ended).await;
    connections.shutdown().await;
}

/// Never returns.
async fn accept_all<F, Fut>(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    respond: &F,
    connections: &mut JoinSet<()>,
) where
    F: Fn(Request<Incoming>, SocketAddr) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Answer> + Send,
{
    loop {
        let (stream, peer) = accept(listener).await;
        // A packet leaves at once, not when there is more to send with it.
        let _ = stream.set_nodelay(true);
        // What ended meanwhile is forgotten, so that the set does not grow.
        while connections.try_join_next().is_some() {}
        let (shared, respond) = (Arc::clone(shared), respond.clone());
        connections.spawn(async move {
            serve_connection(stream, &shared, move |request| respond(request, peer)).await;
        });
    }
}

/// The next connection. An error is one connection's, or the system's; it never ends the server.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The client left before it was accepted.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            // Nothing that a loop without a pause would mend.
            Err(_) => sleep(BREATH).await,
        }
    }
}

/// Answers the requests of one connection, until it ends, becomes a WebSocket, or the server stops.
pub(crate) async fn serve_connection<S, F, Fut>(stream: S, shared: &Shared, respond: F)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Fn(Request<Incoming>) -> Fut,
    Fut: Future<Output = Answer>,
{
    let switches = Arc::<AtomicBool>::default();
    let answer = service_fn(|mut request: Request<Incoming>| {
        if wants_websocket(request.headers()) {
            request.extensions_mut().insert(TakeBack::of::<S>());
        }
        let answer = check_host(&request).map(|()| begun(respond(request)));
        async {
            let answer = match answer {
                Ok(answer) => answer.await,
                Err(refusal) => refused(&refusal, false),
            };
            let waits = answer.extensions().get::<LeavesWithFrames>().is_some();
            switches.store(waits, Ordering::Relaxed);
            Ok::<_, Infallible>(answer)
        }
    });
    let stream = HttpStream::new(stream, shared.settings.write_timeout, Arc::clone(&switches));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(shared.settings.head_timeout)
        // Beyond: 431.
        .max_buf_size(MAX_HEAD)
        // The default, written down because we rely on it: a client that closes its side has left.
        .half_close(false)
        .serve_connection(TokioIo::new(stream), answer)
        .with_upgrades();
    let mut connection = pin!(connection);
    if shared.stop.cut(connection.as_mut()).await.is_none() {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// RFC 9112, section 3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1
/// request message that lacks a Host header field and to any request message that contains more than
/// one Host header field line". hyper leaves that to us.
fn check_host(request: &Request<Incoming>) -> Result<(), Refusal> {
    match request.headers().get_all(HOST).iter().count() {
        0 if request.version() < Version::HTTP_11 => Ok(()),
        1 => Ok(()),
        came => Err(Refusal::Host { came }),
    }
}
