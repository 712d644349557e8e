use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use socketio_packet::{AckId, Args, ArgsError, EncodedPacket, ToArgs};
use socketio_session::Refusal;

use crate::Problem;
use crate::inner::Inner;

/// What a handler returns to answer an event: `Ack(value)`, or `Ack(Args((a, b)))` for several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack<T>(pub T);

/// What a handler may return.
///
/// If the client waits for an answer, `()` answers with nothing in it, [`Ack`] and `Ok` with a value, and
/// `Err` with a [`Refusal`]. If it does not, the answer is dropped, and a refusal is a [`Problem`].
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "expected `()`, `Ack(value)` or a `Result<value, impl Into<Refusal>>`"
)]
pub trait IntoAnswer {
    /// Writes the answer.
    #[doc(hidden)]
    fn into_answer(self, reply: &Reply) -> Answer;
}

impl IntoAnswer for () {
    fn into_answer(self, reply: &Reply) -> Answer {
        reply.accept(Args(()))
    }
}

impl<T: ToArgs> IntoAnswer for Ack<T> {
    fn into_answer(self, reply: &Reply) -> Answer {
        reply.accept(self.0)
    }
}

impl<T: ToArgs + 'static, E: Into<Refusal>> IntoAnswer for Result<T, E> {
    fn into_answer(self, reply: &Reply) -> Answer {
        // ANCHOR: step_15_3
        match self {
            // As if the handler had returned nothing.
            Ok(_) if TypeId::of::<T>() == TypeId::of::<()>() => reply.accept(Args(())),
            Ok(value) => reply.accept(value),
            Err(refusal) => reply.refuse(&refusal.into()),
        }
        // ANCHOR_END: step_15_3
    }
}

/// What became of an event: what the client is told, if it waits for an answer.
#[derive(Debug)]
#[must_use = "the client may wait for it"]
pub struct Answer(pub(crate) Outcome);

impl Answer {
    /// What is to be sent.
    pub(crate) fn packet(&self) -> Option<&EncodedPacket> {
        match &self.0 {
            Outcome::Handled(packet) => packet.as_ref(),
            Outcome::Malformed(_) => None,
        }
    }
}

#[derive(Debug)]
pub(crate) enum Outcome {
    /// Answer with this, if it was asked for.
    Handled(Option<EncodedPacket>),
    /// These were no arguments: the connection ends.
    Malformed(ArgsError),
}

/// What an answer is written for.
#[derive(Clone)]
pub struct Reply {
    pub(crate) nsp: Arc<Inner>,
    pub(crate) id: Option<AckId>,
}

/// How a no looks in the place of an answer.
#[derive(Serialize)]
struct No<'a> {
    error: &'a Refusal,
}

impl Reply {
    pub(crate) fn accept(&self, args: impl ToArgs) -> Answer {
        let Some(id) = self.id else { return Answer(Outcome::Handled(None)) };
        match EncodedPacket::ack(self.nsp.parser(), &self.nsp.name, id, args) {
            Ok(packet) => Answer(Outcome::Handled(Some(packet))),
            Err(error) => {
                self.nsp.report(&Problem::Encode { name: format!("answer {id}"), error });
                self.fail()
            }
        }
    }

    pub(crate) fn refuse(&self, refusal: &Refusal) -> Answer {
        // ANCHOR: step_15_3_b
        if self.id.is_none() {
            self.nsp.report(&Problem::Refused { refusal: refusal.clone() });
        }
        self.accept(No { error: refusal })
        // ANCHOR_END: step_15_3_b
    }

    /// A no that says nothing of what went wrong here.
    pub(crate) fn fail(&self) -> Answer {
        self.accept(No { error: &Refusal::new("internal error") })
    }

    /// The arguments could not be read as what the handler takes.
    pub(crate) fn refuse_args(&self, error: ArgsError) -> Answer {
        match error {
            ArgsError::Malformed { .. } => Answer(Outcome::Malformed(error)),
            ArgsError::OtherType { .. } => self.refuse(&Refusal::new(error.to_string())),
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("id", &self.id).finish_non_exhaustive()
    }
}
