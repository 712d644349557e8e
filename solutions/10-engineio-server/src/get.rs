use std::sync::Arc;

use bytes::Bytes;
use engineio_packet::{Frame, payload};
use engineio_session::Rejected;
use hyper::http::request::Parts;
use tokio::sync::oneshot;

use crate::Refusal;
use crate::answer::{self, Answer};
use crate::compression::Encoding;
use crate::mailbox::{Delivery, Mailbox, OnCancel};
use crate::shared::Shared;

/// Answers a GET, as soon as there is something to say.
pub(crate) async fn get(
    shared: &Shared,
    mailbox: Arc<Mailbox>,
    parts: Box<Parts>,
) -> Result<Answer, Refusal> {
    let encoding = Encoding::negotiate(&parts.headers);
    // While the GET waits, nobody needs the rest of it.
    drop(parts);
    let (reply, answer) = oneshot::channel();
    mailbox.push(Delivery::Get(reply));
    let body = answered(mailbox, answer).await?;
    let threshold = shared.settings.compression.unwrap_or(usize::MAX);
    Ok(match encoding.filter(|_| body.len() >= threshold) {
        Some(encoding) => answer::compressed(encoding, encoding.compress(body).await),
        None => answer::payload(Bytes::from(body)),
    })
}

/// Waits for the session to answer. If the client leaves meanwhile, hyper drops this future, and the
/// session is told.
pub(crate) async fn answered(
    mailbox: Arc<Mailbox>,
    answer: oneshot::Receiver<Result<Vec<Frame>, Rejected>>,
) -> Result<String, Refusal> {
    let on_cancel = OnCancel::new(mailbox, Delivery::GetCancelled);
    let answer = answer.await;
    on_cancel.disarm();
    let frames = answer.map_err(|_| Refusal::UnknownSid)??;
    Ok(payload::encode(&frames))
}
