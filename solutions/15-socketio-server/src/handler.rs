use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use serde::de::IgnoredAny;
use socketio_packet::{Args, FromArgs, RawArgs};

use crate::Socket;
use crate::answer::{Answer, IntoAnswer, Reply, Respond, ServerReply};
use crate::peer::Peer;

/// A future whose type nobody needs to know.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What handles an event: an `async fn`, or an async closure, of a socket, and of the event's arguments.
///
/// The arguments are one value of serde's, [`Args`] of several, [`RawArgs`] for whatever
/// came, or left out. See [`IntoAnswer`] for what it may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot handle an event",
    label = "expected `async |socket: {S}| …` or `async |socket: {S}, args: T| …`",
    note = "T is a type that serde can read, `Args((A, B))`, or `RawArgs`; what the closure captures is `Clone`, and its future `Send`"
)]
pub trait Handler<S, Shape>: Clone + Send + Sync + 'static {
    /// Handles one event.
    #[doc(hidden)]
    fn call<R: Respond>(
        self,
        socket: S,
        args: RawArgs,
        reply: Reply<R>,
    ) -> impl Future<Output = Answer> + Send;
}

impl<F, S, A, Fut> Handler<S, fn(A)> for F
where
    F: AsyncFn(S, A) -> Fut::Output,
    F: FnOnce(S, A) -> Fut + Clone + Send + Sync + 'static,
    S: Send + 'static,
    A: FromArgs + Send,
    Fut: Future<Output: IntoAnswer> + Send,
{
    fn call<R: Respond>(
        self,
        socket: S,
        args: RawArgs,
        reply: Reply<R>,
    ) -> impl Future<Output = Answer> + Send {
        let handling = A::from_args(args).map(|args| call_once(self, socket, args));
        async move {
            match handling {
                Ok(handling) => handling.await.into_answer(&reply),
                Err(error) => reply.refuse_args(error),
            }
        }
    }
}

impl<F, S, Fut> Handler<S, fn()> for F
where
    F: AsyncFn(S) -> Fut::Output,
    F: FnOnce(S) -> Fut + Clone + Send + Sync + 'static,
    S: Send + 'static,
    Fut: Future<Output: IntoAnswer> + Send,
{
    fn call<R: Respond>(
        self,
        socket: S,
        args: RawArgs,
        reply: Reply<R>,
    ) -> impl Future<Output = Answer> + Send {
        // Whatever they are, they have to be arguments.
        let handling = Args::<IgnoredAny>::from_args(args)
            .map(|_| call_once(|socket, ()| self(socket), socket, ()));
        async move {
            match handling {
                Ok(handling) => handling.await.into_answer(&reply),
                Err(error) => reply.refuse_args(error),
            }
        }
    }
}

/// A closure is both an `AsyncFn` and an `FnOnce`: here it is called as the second, whose future has a name.
pub(crate) fn call_once<A, B, O>(call: impl FnOnce(A, B) -> O, a: A, b: B) -> O {
    call(a, b)
}

/// A handler of any type.
pub(crate) trait Erased: Send + Sync {
    fn start(&self, peer: &Arc<Peer>, args: RawArgs, reply: ServerReply) -> BoxFuture<Answer>;
}

/// A handler of one type.
pub(crate) struct Typed<H, U, Shape> {
    handler: H,
    of: PhantomData<fn(U) -> Shape>,
}

impl<H, U, Shape> Typed<H, U, Shape> {
    pub(crate) fn new(handler: H) -> Self {
        Self { handler, of: PhantomData }
    }
}

impl<H: Handler<Socket<U>, Shape>, U: 'static, Shape: 'static> Erased for Typed<H, U, Shape> {
    fn start(&self, peer: &Arc<Peer>, args: RawArgs, reply: ServerReply) -> BoxFuture<Answer> {
        // ANCHOR: step_15_1
        let socket = Socket::new(Arc::clone(peer));
        Box::pin(self.handler.clone().call(socket, args, reply))
        // ANCHOR_END: step_15_1
    }
}
