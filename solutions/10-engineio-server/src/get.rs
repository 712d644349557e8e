use std::sync::Arc;

use engineio_packet::{Frame, payload};
use engineio_session::Rejected;
use tokio::sync::oneshot;

use crate::Refusal;
use crate::answer::{self, Answer};
use crate::mailbox::{Delivery, Mailbox, OnCancel};

/// Answers a GET, as soon as there is something to say.
pub(crate) async fn get(mailbox: Arc<Mailbox>) -> Result<Answer, Refusal> {
    let (reply, answer) = oneshot::channel();
    mailbox.push(Delivery::Get(reply));
    answered(mailbox, answer).await
}

/// Waits for the session to answer. If the client leaves meanwhile, hyper drops this future, and the
/// session is told.
pub(crate) async fn answered(
    mailbox: Arc<Mailbox>,
    answer: oneshot::Receiver<Result<Vec<Frame>, Rejected>>,
) -> Result<Answer, Refusal> {
    // ANCHOR: step_10_5
    let on_cancel = OnCancel::new(mailbox, Delivery::GetCancelled);
    let answer = answer.await;
    on_cancel.disarm();
    // ANCHOR_END: step_10_5
    let frames = answer.map_err(|_| Refusal::UnknownSid)??;
    Ok(answer::payload(payload::encode(&frames)))
}
