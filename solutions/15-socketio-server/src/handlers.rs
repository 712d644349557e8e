use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::de::IgnoredAny;
use socketio_packet::{Args, ArgsError, ByteString, RawArgs};
use socketio_session::{DisconnectReason, Refusal};

use crate::Problem;
use crate::answer::{Answer, ServerReply};
use crate::handler::{BoxFuture, Erased};
use crate::peer::Peer;

/// An event, before a handler of its name gets it.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub name: ByteString,
    /// What belongs to it.
    pub args: RawArgs,
}

impl Event {
    /// The same, in memory of its own: see [`RawArgs::detached`].
    #[must_use]
    pub fn detached(&self) -> Self {
        Self { name: (&*self.name).into(), args: self.args.detached() }
    }
}

pub(crate) type Any = Arc<dyn Fn(&Arc<Peer>, Event) -> BoxFuture<()> + Send + Sync>;
pub(crate) type Outgoing = Arc<dyn Fn(&Arc<Peer>, &Event) + Send + Sync>;
pub(crate) type Layer =
    Arc<dyn Fn(&Arc<Peer>, Event, Next) -> BoxFuture<Result<Answer, Refusal>> + Send + Sync>;
pub(crate) type Disconnecting = Arc<dyn Fn(&Arc<Peer>, &DisconnectReason) + Send + Sync>;
pub(crate) type Disconnect =
    Arc<dyn Fn(&Arc<Peer>, DisconnectReason) -> BoxFuture<()> + Send + Sync>;

pub(crate) type ServerSide = Arc<dyn Fn(RawArgs) -> Result<BoxFuture<()>, ArgsError> + Send + Sync>;

/// What a namespace does with what happens. A socket keeps what was registered when it came.
#[derive(Clone, Default)]
pub(crate) struct Handlers {
    pub(crate) connect: Vec<Arc<dyn Erased>>,
    /// The names are the application's: no client can make them collide.
    pub(crate) events: FxHashMap<Box<str>, Vec<Arc<dyn Erased>>>,
    pub(crate) any: Vec<Any>,
    pub(crate) outgoing: Vec<Outgoing>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) disconnecting: Vec<Disconnecting>,
    pub(crate) disconnect: Vec<Disconnect>,
    pub(crate) server_side: HashMap<Box<str>, ServerSide>,
    /// How many events of one socket may be handled at a time, beside the first.
    pub(crate) beside: usize,
}

impl Handlers {
    /// Begins to handle an event.
    pub(crate) fn handle(
        self: &Arc<Self>,
        peer: &Arc<Peer>,
        event: Event,
        reply: ServerReply,
    ) -> BoxFuture<Answer> {
        // Nearly always there is one handler, and nothing before it.
        if self.layers.is_empty()
            && self.any.is_empty()
            && let [handler] = self.of(&event.name)
        {
            return handler.start(peer, event.args, reply);
        }
        let next = Next { handlers: Arc::clone(self), peer: Arc::clone(peer), at: 0, reply };
        Box::pin(next.run(event))
    }

    /// The handlers of the events of a name.
    fn of(&self, name: &str) -> &[Arc<dyn Erased>] {
        // ANCHOR: step_15_1_b
        self.events.get(name).map_or(&[], Vec::as_slice)
        // ANCHOR_END: step_15_1_b
    }

    async fn handle_all(&self, peer: &Arc<Peer>, event: Event, reply: ServerReply) -> Answer {
        for any in &self.any {
            any(peer, event.clone()).await;
        }
        let [first, others @ ..] = self.of(&event.name) else {
            return if self.any.is_empty() {
                unhandled(event, &reply)
            } else {
                skipped(event, &reply)
            };
        };
        let nobody = ServerReply::new(Arc::clone(&reply.at), None);
        let answer = first.start(peer, event.args.clone(), reply).await;
        for other in others {
            let _ = other.start(peer, event.args.clone(), nobody.clone()).await;
        }
        answer
    }
}

/// Nobody has a handler for it.
fn unhandled(event: Event, reply: &ServerReply) -> Answer {
    if let Err(error) = event.args.decode::<Args<IgnoredAny>>() {
        return reply.refuse_args(error);
    }
    let problem = Problem::NoHandler { name: event.name };
    if reply.id.is_none() {
        reply.at.report(&problem);
        return reply.accept(Args(()));
    }
    reply.refuse(&Refusal::new(problem.to_string()))
}

/// It was for those who hear all.
fn skipped(event: Event, reply: &ServerReply) -> Answer {
    match event.args.decode::<Args<IgnoredAny>>() {
        Ok(_) => reply.accept(Args(())),
        Err(error) => reply.refuse_args(error),
    }
}

/// What comes behind a [packet middleware](crate::Namespace::wrap_packet): the next of them, and at last
/// the handlers.
#[derive(Debug)]
pub struct Next {
    handlers: Arc<Handlers>,
    peer: Arc<Peer>,
    at: usize,
    reply: ServerReply,
}

impl Next {
    /// Goes on with the event, or with what the middleware made of it.
    pub async fn run(mut self, event: Event) -> Answer {
        let handlers = Arc::clone(&self.handlers);
        let (peer, reply) = (Arc::clone(&self.peer), self.reply.clone());
        let Some(layer) = handlers.layers.get(self.at) else {
            return handlers.handle_all(&peer, event, reply).await;
        };
        // ANCHOR: step_15_5_b
        self.at += 1;
        match layer(&peer, event, self).await {
            Ok(answer) => answer,
            Err(refusal) => reply.refuse(&refusal),
        }
        // ANCHOR_END: step_15_5_b
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<_> = self.events.keys().collect();
        names.sort_unstable();
        f.debug_struct("Handlers").field("events", &names).finish_non_exhaustive()
    }
}
