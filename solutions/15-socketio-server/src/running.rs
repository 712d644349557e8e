use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use socketio_packet::{AckId, ByteString, RawArgs};
use socketio_session::{AckToken, DisconnectReason};

use crate::answer::{Answer, ServerReply};
use crate::handler::BoxFuture;
use crate::handlers::Handlers;
use crate::peer::Peer;
use crate::{Event, Problem};

/// A handler that has begun.
pub(crate) struct Running {
    pub(crate) peer: Arc<Peer>,
    what: What,
    future: BoxFuture<Answer>,
    pub(crate) ack: Option<AckToken>,
}

/// For a log.
#[derive(Clone)]
enum What {
    Event(ByteString),
    Hook(&'static str),
}

impl Running {
    pub(crate) fn event(
        peer: &Arc<Peer>,
        handlers: &Arc<Handlers>,
        event: Event,
        ack: Option<AckToken>,
    ) -> Self {
        let reply = ServerReply::new(Arc::clone(&peer.nsp), ack.as_ref().map(AckToken::id));
        let what = What::Event(event.name.clone());
        let handled = AssertUnwindSafe(|| handlers.handle(peer, event, reply));
        // It may panic before there is a future, while arguments are read: then the future does.
        let future = catch_unwind(handled)
            .unwrap_or_else(|panic| Box::pin(async move { resume_unwind(panic) }));
        Self { peer: Arc::clone(peer), what, future, ack }
    }

    /// All handlers of `on_connect`, one after the other, if there are any.
    pub(crate) fn connect(peer: &Arc<Peer>, handlers: &Arc<Handlers>) -> Option<Self> {
        if handlers.connect.is_empty() {
            return None;
        }
        let (all, theirs) = (Arc::clone(handlers), Arc::clone(peer));
        let future = Box::pin(async move {
            let nobody = ServerReply::new(Arc::clone(&theirs.nsp), None);
            for handler in &all.connect {
                let _ = handler.start(&theirs, RawArgs::default(), nobody.clone()).await;
            }
            nobody.accept(())
        });
        Some(Self { peer: Arc::clone(peer), what: What::Hook("connect"), future, ack: None })
    }

    /// All handlers of `on_disconnect`.
    pub(crate) fn disconnect(
        peer: &Arc<Peer>,
        handlers: &Arc<Handlers>,
        reason: DisconnectReason,
    ) -> Option<Self> {
        if handlers.disconnect.is_empty() {
            return None;
        }
        let (all, theirs) = (Arc::clone(handlers), Arc::clone(peer));
        let future = Box::pin(async move {
            for handler in &all.disconnect {
                handler(&theirs, reason.clone()).await;
            }
            ServerReply::new(Arc::clone(&theirs.nsp), None).accept(())
        });
        Some(Self { peer: Arc::clone(peer), what: What::Hook("disconnect"), future, ack: None })
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Answer, Problem>> {
        match catch_unwind(AssertUnwindSafe(|| self.future.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Ok),
            Err(_) => Poll::Ready(Err(Problem::Panicked { name: self.what.to_string() })),
        }
    }

    /// From here on the message that its event came in need not stay.
    pub(crate) fn detach(&mut self) {
        if let What::Event(name) = &mut self.what {
            *name = (&**name).into();
        }
    }

    /// What the client is told if the handler panicked.
    pub(crate) fn failed(&self) -> Answer {
        let id: Option<AckId> = self.ack.as_ref().map(AckToken::id);
        ServerReply::new(Arc::clone(&self.peer.nsp), id).fail()
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(name) => f.write_str(name),
            Self::Hook(name) => f.write_str(name),
        }
    }
}
