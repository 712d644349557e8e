use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use crate::answer::answer;
use crate::{Chat, Ending, converse};

/// The most that hyper keeps of a head that has not ended yet, in bytes. Beyond: 431.
const MAX_HEAD: usize = 16 << 10;

/// Answers one request, and talks for as long as there is something to say if that request asked for a
/// WebSocket. Then it tells how the talk ended.
pub async fn serve_connection<S>(stream: S, chat: &Chat) -> Option<Ending>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // hyper calls the service from inside the connection; this is how the visitor gets out of it.
    let admitted = Mutex::new(None);
    let service = service_fn(async |request| {
        let (answer, visitor) = answer(chat, request);
        *admitted.lock().unwrap_or_else(PoisonError::into_inner) = visitor;
        Ok::<_, Infallible>(answer)
    });
    let connection = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        // There is one deadline for the request and its answer together.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let limits = chat.room.limits();
    timeout(limits.request_deadline, connection).await.ok()?.ok()?;

    let admitted = admitted.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    let upgraded = admitted.upgrade.await.ok()?;
    // ANCHOR: handover
    let parts = upgraded.downcast::<TokioIo<S>>().expect("what comes out is what was put in");
    // hyper may have read on behind the request. Whoever drops `read_buf` loses the first message of
    // a client that did not wait.
    let early = parts.read_buf.to_vec();
    Some(converse(parts.io.into_inner(), early, admitted.visitor, limits).await)
    // ANCHOR_END: handover
}
