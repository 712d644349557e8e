use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use serde::de::IgnoredAny;
use socketio_packet::{AckId, Args, EncodeError, EncodedPacket, RawArgs, ToArgs};
use socketio_server::handling::{Reply, Respond};
use socketio_server::{Answer, Event, Handler};

use crate::peer::Peer;
use crate::shared::Shared;
use crate::{ConnectError, DisconnectReason, Problem, Socket};

/// A future whose type nobody needs to know.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub(crate) type Hook<T> = Arc<dyn Fn(Socket, T) -> BoxFuture<()> + Send + Sync>;

/// What a socket does with what happens.
#[derive(Default)]
pub(crate) struct Handlers {
    pub(crate) events: HashMap<Box<str>, Vec<Registered>>,
    pub(crate) any: Vec<Hook<Event>>,
    pub(crate) connect: Vec<Hook<()>>,
    pub(crate) connect_error: Vec<Hook<ConnectError>>,
    pub(crate) disconnect: Vec<Hook<DisconnectReason>>,
}

pub(crate) struct Registered {
    pub(crate) handler: Arc<dyn Erased>,
    /// It is called for the next event, and for no other.
    pub(crate) once: bool,
}

/// A handler of any type.
pub(crate) trait Erased: Send + Sync {
    fn start(&self, socket: Socket, args: RawArgs, reply: Reply<Place>) -> BoxFuture<Answer>;
}

/// A handler of one type.
pub(crate) struct Typed<H, Shape> {
    handler: H,
    of: PhantomData<fn() -> Shape>,
}

impl<H, Shape> Typed<H, Shape> {
    pub(crate) fn new(handler: H) -> Self {
        Self { handler, of: PhantomData }
    }
}

impl<H: Handler<Socket, Shape>, Shape: 'static> Erased for Typed<H, Shape> {
    fn start(&self, socket: Socket, args: RawArgs, reply: Reply<Place>) -> BoxFuture<Answer> {
        Box::pin(self.handler.clone().call(socket, args, reply))
    }
}

impl Handlers {
    /// Those of an event's name. Who is called once is taken out.
    fn take(&mut self, name: &str) -> Vec<Arc<dyn Erased>> {
        // ANCHOR: step_18_3
        let Some(registered) = self.events.get_mut(name) else { return Vec::new() };
        let handlers = registered.iter().map(|it| Arc::clone(&it.handler)).collect();
        registered.retain(|it| !it.once);
        if registered.is_empty() {
            self.events.remove(name);
        }
        handlers
        // ANCHOR_END: step_18_3
    }
}

/// A hook of any type.
pub(crate) fn boxed<T, F, Fut>(hook: F) -> Hook<T>
where
    F: FnOnce(Socket, T) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    Arc::new(move |socket, what| Box::pin(call_once(hook.clone(), socket, what)))
}

/// A closure is both an `AsyncFn` and an `FnOnce`: here it is called as the second, whose future has a name.
pub(crate) fn call_once<A, B, O>(call: impl FnOnce(A, B) -> O, a: A, b: B) -> O {
    call(a, b)
}

/// Where answers are written.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) shared: Arc<Shared>,
    pub(crate) peer: Arc<Peer>,
}

impl Respond for Place {
    fn ack(&self, id: AckId, args: impl ToArgs) -> Result<EncodedPacket, EncodeError> {
        EncodedPacket::ack(&*self.shared.settings.parser, &self.peer.nsp, id, args)
    }

    fn report(&self, problem: &socketio_server::Problem) {
        self.shared.report(&match problem.clone() {
            socketio_server::Problem::Encode { name, error } => Problem::Encode { name, error },
            socketio_server::Problem::Refused { refusal } => Problem::Refused { refusal },
            _ => return, // a server's
        });
    }
}

/// Runs the handlers of an event.
pub(crate) async fn handle(socket: Socket, event: Event, ack: Option<AckId>) -> Answer {
    let (peer, shared) = (Arc::clone(socket.peer()), Arc::clone(socket.shared()));
    let reply = Reply::new(Place { shared: Arc::clone(&shared), peer: Arc::clone(&peer) }, ack);
    let (any, handlers) = {
        let mut handlers = peer.handlers();
        (handlers.any.clone(), handlers.take(&event.name))
    };
    for hook in &any {
        hook(socket.clone(), event.clone()).await;
    }
    let [first, others @ ..] = &handlers[..] else {
        return match event.args.decode::<Args<IgnoredAny>>() {
            Err(error) => reply.refuse_args(error),
            Ok(_) if any.is_empty() => {
                // As the reference: nobody answers, and whoever asks gives up.
                shared.report(&Problem::NoHandler { name: event.name });
                Answer::none()
            }
            Ok(_) => Answer::none(),
        };
    };
    let answer = first.start(socket.clone(), event.args.clone(), reply.clone()).await;
    for other in others {
        let nobody =
            Reply::new(Place { shared: Arc::clone(&shared), peer: Arc::clone(&peer) }, None);
        let _ = other.start(socket.clone(), event.args.clone(), nobody).await;
    }
    answer
}

/// Runs hooks one after the other.
pub(crate) async fn tell<T: Clone>(hooks: Vec<Hook<T>>, socket: Socket, what: T) -> Answer {
    for hook in hooks {
        hook(socket.clone(), what.clone()).await;
    }
    Answer::none()
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<_> = self.events.keys().collect();
        names.sort_unstable();
        f.debug_struct("Handlers").field("events", &names).finish_non_exhaustive()
    }
}
