use std::error::Error;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use engineio_packet::ByteString;
use engineio_session::Rejected;
use futures_util::{FutureExt, StreamExt, stream};
use http_body_util::{BodyExt, BodyStream, LengthLimitError, Limited, StreamBody};
use hyper::body::Body;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::Refusal;
use crate::answer::{self, Answer};
use crate::mailbox::{Delivery, Mailbox, OnCancel};
use crate::service::RequestBody;
use crate::shared::Shared;

/// Brings the body of a POST to its session.
///
/// A body that is refused is as if it had not come: the client is told, and the session goes on.
pub(crate) async fn post(
    shared: &Shared,
    mailbox: Arc<Mailbox>,
    parts: Box<Parts>,
    body: &mut impl RequestBody,
) -> Result<Answer, Refusal> {
    refuse_bytes(&parts)?;
    drop(parts);
    check_length(shared, body.size_hint().lower())?;
    let on_cancel = OnCancel::new(Arc::clone(&mailbox), Delivery::PostCancelled);
    let reading = body.frame().map(|came| came.transpose().map_err(|_| Refusal::BadRequest));
    let first = at_once(reading).await.transpose()?;
    // Most bodies come with their head. The session then hears of both at once.
    let began = first.is_none() || !body.is_end_stream();
    if began {
        ask(&mailbox, Delivery::PostBegan).await?;
    }
    // Only now: how long the application takes is not the client's fault.
    let body = StreamBody::new(stream::iter(first.flatten()).map(Ok).chain(BodyStream::new(body)));
    let body = read_body(shared, body).await;
    if let Err(Refusal::BadRequest) = body {
        // The client has left.
        return Err(Refusal::BadRequest);
    }
    on_cancel.disarm();
    match body {
        Ok(body) if began => ask(&mailbox, |reply| Delivery::PostBody(body, reply)).await?,
        Ok(body) => ask(&mailbox, |reply| Delivery::Post(body, reply)).await?,
        Err(refusal) => {
            if began {
                mailbox.push(Delivery::PostRefused);
            }
            return Err(refusal);
        }
    }
    Ok(answer::ok())
}

/// What is there at the second look: the first makes hyper read on behind the head.
async fn at_once<T>(reading: impl Future<Output = T>) -> Option<T> {
    let (mut reading, mut looked) = (pin!(reading), false);
    poll_fn(|cx| match reading.as_mut().poll(cx) {
        Poll::Ready(read) => Poll::Ready(Some(read)),
        Poll::Pending if std::mem::replace(&mut looked, true) => Poll::Ready(None),
        Poll::Pending => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}

/// Bytes travel as base64: "application/octet-stream" is how version 3 sent them.
fn refuse_bytes(parts: &Parts) -> Result<(), Refusal> {
    match parts.headers.get(CONTENT_TYPE) {
        Some(kind) if kind == "application/octet-stream" => {
            Err(Refusal::NotText { came: "application/octet-stream" })
        }
        _ => Ok(()),
    }
}

/// A body that says itself that it is too long is not read.
fn check_length(shared: &Shared, announced: u64) -> Result<(), Refusal> {
    // ANCHOR: step_10_3
    let limit = shared.settings.session.max_payload;
    if announced > limit { Err(Refusal::TooLarge { limit }) } else { Ok(()) }
    // ANCHOR_END: step_10_3
}

/// The whole body, when it is text, neither too long nor too slow.
async fn read_body(
    shared: &Shared,
    body: impl Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
) -> Result<ByteString, Refusal> {
    // ANCHOR: step_10_3_b
    let limit = shared.settings.session.max_payload;
    let deadline = shared.settings.body_timeout;
    let body = Limited::new(body, usize::try_from(limit).unwrap_or(usize::MAX)).collect();
    match timeout(deadline, body).await {
        Ok(Ok(body)) => ByteString::try_from(body.to_bytes())
            .map_err(|_| Refusal::NotText { came: "other bytes" }),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::TooLarge { limit }),
        // The client has left, or speaks no HTTP.
        Ok(Err(_)) => Err(Refusal::BadRequest),
        Err(_) => Err(Refusal::TooSlow { seconds: deadline.as_secs() }),
    }
    // ANCHOR_END: step_10_3_b
}

/// Puts a question into the mailbox and waits for the answer.
async fn ask(
    mailbox: &Mailbox,
    delivery: impl FnOnce(oneshot::Sender<Result<(), Rejected>>) -> Delivery,
) -> Result<(), Refusal> {
    let (reply, answer) = oneshot::channel();
    mailbox.push(delivery(reply));
    Ok(answer.await.map_err(|_| Refusal::UnknownSid)??)
}

/// Reads on, while the refusal is on its way, and throws away what comes. A connection that is closed
/// while the client still writes is reset, and the client might never read why.
pub(crate) fn drain<B: RequestBody>(shared: &Shared, body: B) -> impl Future<Output = ()> + use<B> {
    let deadline = shared.settings.body_timeout;
    let most = usize::try_from(shared.settings.session.max_payload).unwrap_or(usize::MAX);
    async move {
        let mut body = Limited::new(body, most.saturating_mul(2));
        let read = async { while let Some(Ok(_)) = body.frame().await {} };
        let _ = timeout(deadline, read).await;
    }
}
