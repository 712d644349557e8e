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
        // TODO step 18.3: Events, and answers both ways
        //
        // `take` gives the handlers of an event's name, in the order in which they were registered.
        // One that was registered with `once` is taken out, and a name that nobody handles any more
        // does not stay in the map.
        //
        // `answer` does what a handler's answer says. A packet is sent; there is none if the server
        // did not ask, or nobody knows an answer. Arguments that are none end the connection, since
        // nobody knows what comes behind them: `give_up_connection`, as a `ParseError`.
        //
        // `hear` asks the server. Whoever awaits a call waits on a `oneshot`, whose other end goes
        // with the command to the task. With `retries` the command is `Retry`, which has a timeout
        // for each time; without, it is `Call`, which has one deadline, counted from now. A
        // question may be the first that anybody wants: `shared.begin` starts the task, unless it
        // runs. The task may have ended, and drops the other end: that is `Disconnected`.
        // (Socket.IO protocol, "Acknowledgement")
        //
        // Stuck? cargo course hint 18.3
        Vec::new()
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
