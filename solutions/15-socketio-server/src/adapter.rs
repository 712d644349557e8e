use std::fmt;
use std::future::ready;
use std::sync::Weak;
use std::time::Duration;

use socketio_packet::{Namespace as Name, RawArgs, ToArgs};
use socketio_rooms::Selection;
use socketio_session::NoAnswer;

use crate::handler::BoxFuture;
use crate::shared::Shared;
use crate::{Namespace, RemoteSocket};

/// The other servers that act as one with this one.
///
/// What is done with sockets is done with this server's own first. Then the adapter is told, and what it
/// hears from others it does here, [by `local`](crate::Broadcast::local), so that it is not told again.
/// The default is [`Alone`].
#[expect(unused_variables, reason = "their names tell what they are")]
pub trait Adapter: fmt::Debug + Send + Sync + 'static {
    /// The server is there. What comes from others is for [its namespaces](Local::namespace).
    fn start(&self, local: Local) {}

    /// A namespace is there from now on. No other is opened or closed meanwhile: it must not ask the server
    /// for one that is not there.
    fn opened(&self, nsp: &Name) {}

    /// A dynamic namespace is no more. It was told before another of this name is opened; and like `opened`
    /// it must not ask for one that is not there.
    fn closed(&self, nsp: &Name) {}

    /// An event was sent to some sockets.
    fn emit(&self, nsp: &Name, message: &Message<'_>, selection: &Selection) {}

    /// Some sockets joined a room.
    fn join(&self, nsp: &Name, selection: &Selection, room: &str) {}

    /// Some sockets left a room.
    fn leave(&self, nsp: &Name, selection: &Selection, room: &str) {}

    /// Some sockets were disconnected: from the namespace, or `all` of them with their connections.
    fn disconnect(&self, nsp: &Name, selection: &Selection, all: bool) {}

    /// The sockets elsewhere.
    fn fetch(&self, nsp: &Name, selection: &Selection) -> BoxFuture<Vec<RemoteSocket>> {
        Box::pin(ready(Vec::new()))
    }

    /// What sockets elsewhere answer to an event, one result for each that was asked.
    fn call(
        &self,
        nsp: &Name,
        message: &Message<'_>,
        selection: &Selection,
        timeout: Duration,
    ) -> BoxFuture<Vec<Result<RawArgs, NoAnswer>>> {
        Box::pin(ready(Vec::new()))
    }

    /// An event for the other servers themselves.
    fn server_side_emit(&self, nsp: &Name, message: &Message<'_>) {}
}

/// An event, on its way to other servers.
pub struct Message<'a> {
    /// What happened.
    pub name: &'a str,
    /// What belongs to it.
    pub args: &'a dyn ToArgs,
    /// Whether it may be dropped.
    pub volatile: bool,
    /// Whether it is a reason to compress what it travels in.
    pub compress: bool,
}

/// No other server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Adapter for Alone {}

/// This server, as its adapter sees it. It does not keep the server alive.
#[derive(Clone, Debug)]
pub struct Local(Weak<Shared>);

impl Local {
    pub(crate) fn new(shared: Weak<Shared>) -> Self {
        Self(shared)
    }

    /// A namespace of this server, if it is there.
    #[must_use]
    pub fn namespace(&self, name: &str) -> Option<Namespace> {
        let shared = self.0.upgrade()?;
        shared.namespaces.get(name).map(Namespace::new)
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("name", &self.name)
            .field("volatile", &self.volatile)
            .field("compress", &self.compress)
            .finish_non_exhaustive()
    }
}
