use std::sync::Arc;

use bytes::Bytes;
use engineio_packet::payload;
use engineio_session::Rejected;
use hyper::http::request::Parts;
use tokio::sync::oneshot;

use crate::Refusal;
use crate::answer::{self, Answer};
use crate::compression::Encoding;
use crate::driver::GetAnswer;
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
    let GetAnswer { frames, compress } = answered(mailbox, answer).await?;
    let body = payload::encode(&frames);
    let threshold = shared.settings.compression.unwrap_or(usize::MAX);
    Ok(match encoding.filter(|_| compress && body.len() >= threshold) {
        Some(encoding) => answer::compressed(encoding, encoding.compress(body).await),
        None => answer::payload(Bytes::from(body)),
    })
}

/// Waits for the session to answer. If the client leaves meanwhile, hyper drops this future, and the
/// session is told.
pub(crate) async fn answered(
    mailbox: Arc<Mailbox>,
    answer: oneshot::Receiver<Result<GetAnswer, Rejected>>,
) -> Result<GetAnswer, Refusal> {
    let on_cancel = OnCancel::new(mailbox, Delivery::GetCancelled);
    let answer = answer.await;
    on_cancel.disarm();
    Ok(answer.map_err(|_| Refusal::UnknownSid)??)
}
