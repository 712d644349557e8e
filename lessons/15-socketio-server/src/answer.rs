use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use socketio_packet::{AckId, Args, ArgsError, EncodeError, EncodedPacket, ToArgs};
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
    fn into_answer<R: Respond>(self, reply: &Reply<R>) -> Answer;
}

impl IntoAnswer for () {
    fn into_answer<R: Respond>(self, reply: &Reply<R>) -> Answer {
        reply.accept(Args(()))
    }
}

impl<T: ToArgs> IntoAnswer for Ack<T> {
    fn into_answer<R: Respond>(self, reply: &Reply<R>) -> Answer {
        reply.accept(self.0)
    }
}

impl<T: ToArgs + 'static, E: Into<Refusal>> IntoAnswer for Result<T, E> {
    fn into_answer<R: Respond>(self, reply: &Reply<R>) -> Answer {
        // TODO step 15.3: Answers, both ways
        //
        // A client may ask for an answer. What a handler returns becomes one: `into_answer`, here
        // of a `Result`. `Ok` is its value, except that `Ok(())` is an answer with nothing in it,
        // as `()` is; `Err` is a refusal. A refusal is an answer as well,
        // `[{"error":{"message":…}}]`; if the client did not ask, nobody would hear of it, so
        // `refuse` reports it as a `Problem` then.
        //
        // `Conversation::answer` tells the client what became of its event. An answer goes with the
        // token, the right to answer once; without a token there is nobody to tell. Arguments that
        // are none (`Malformed`) end the connection, which the session does (`handle_args_error`).
        //
        // `read_answer` is the other way: what a client says to a `call` of ours. That there is no
        // answer says `NoAnswer`, each of which has its `CallError`; an answer that is one refusal
        // is `CallError::Refused`, whatever `T` is; any other is read as `T`. (Socket.IO protocol,
        // "Acknowledgement")
        //
        // Stuck? cargo course hint 15.3
        todo!("step 15.3: Answers, both ways (cargo course hint 15.3)")
    }
}

/// What became of an event: what the client is told, if it waits for an answer.
#[derive(Debug)]
#[must_use = "the client may wait for it"]
pub struct Answer(#[doc(hidden)] pub Outcome);

impl Answer {
    /// None is sent.
    #[doc(hidden)]
    pub fn none() -> Self {
        Self(Outcome::Handled(None))
    }

    /// What is to be sent.
    pub(crate) fn packet(&self) -> Option<&EncodedPacket> {
        match &self.0 {
            Outcome::Handled(packet) => packet.as_ref(),
            Outcome::Malformed(_) => None,
        }
    }
}

/// What is in an [`Answer`].
#[derive(Debug)]
pub enum Outcome {
    /// Answer with this, if it was asked for.
    Handled(Option<EncodedPacket>),
    /// These were no arguments: the connection ends.
    Malformed(ArgsError),
}

/// Where an answer is written: a namespace of a server, or of a client.
pub trait Respond: Clone + Send + Sync + 'static {
    /// As its parser does it.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the value cannot be written.
    fn ack(&self, id: AckId, args: impl ToArgs) -> Result<EncodedPacket, EncodeError>;

    /// What went wrong, and the other end does not hear of.
    fn report(&self, problem: &Problem);
}

impl Respond for Arc<Inner> {
    fn ack(&self, id: AckId, args: impl ToArgs) -> Result<EncodedPacket, EncodeError> {
        EncodedPacket::ack(self.parser(), &self.name, id, args)
    }

    fn report(&self, problem: &Problem) {
        Inner::report(self, problem);
    }
}

/// What an answer is written for.
#[derive(Clone)]
pub struct Reply<R> {
    pub(crate) at: R,
    pub(crate) id: Option<AckId>,
}

/// One of this server's.
pub(crate) type ServerReply = Reply<Arc<Inner>>;

/// How a no looks in the place of an answer.
#[derive(Serialize)]
struct No<'a> {
    error: &'a Refusal,
}

impl<R: Respond> Reply<R> {
    /// `id` is of who waits for it, if anybody does.
    pub fn new(at: R, id: Option<AckId>) -> Self {
        Self { at, id }
    }

    /// A yes, with what belongs to it.
    pub fn accept(&self, args: impl ToArgs) -> Answer {
        let Some(id) = self.id else { return Answer(Outcome::Handled(None)) };
        match self.at.ack(id, args) {
            Ok(packet) => Answer(Outcome::Handled(Some(packet))),
            Err(error) => {
                self.at.report(&Problem::Encode { name: format!("answer {id}"), error });
                self.fail()
            }
        }
    }

    /// A no.
    pub fn refuse(&self, refusal: &Refusal) -> Answer {
        // TODO step 15.3, continued: see `IntoAnswer::into_answer` in src/answer.rs
        todo!("step 15.3: Answers, both ways (cargo course hint 15.3)")
    }

    /// A no that says nothing of what went wrong here.
    pub fn fail(&self) -> Answer {
        self.accept(No { error: &Refusal::new("internal error") })
    }

    /// The arguments could not be read as what the handler takes.
    pub fn refuse_args(&self, error: ArgsError) -> Answer {
        match error {
            ArgsError::Malformed { .. } => Answer(Outcome::Malformed(error)),
            ArgsError::OtherType { .. } => self.refuse(&Refusal::new(error.to_string())),
        }
    }
}

impl<R> fmt::Debug for Reply<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("id", &self.id).finish_non_exhaustive()
    }
}
