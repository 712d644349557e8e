use std::sync::{Arc, Weak};

use socketio_packet::Namespace;
use tokio::sync::oneshot;

use crate::link::Command;
use crate::shared::Shared;
use crate::{Builder, Events, Socket};

/// One connection to a server, and all namespaces over it. A clone is the same client.
///
/// Its task is spawned on tokio's runtime with the first thing that there is to do. When the last clone and the last
/// [`Socket`] of it is dropped, the connection and the task end at once: what has not left is lost.
/// [`Client::close`] delivers it. A handler that runs holds a socket, and is waited for. One that captures a
/// socket of its own client keeps that for ever: it is given its socket.
#[derive(Clone, Debug)]
pub struct Client {
    alive: Arc<Alive>,
}

#[derive(Debug)]
struct Alive {
    shared: Arc<Shared>,
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.shared.link.abandon();
    }
}

impl Client {
    /// The settings of a client of the server at this URL: `http://localhost:3000`, `wss://example.com`.
    pub fn builder(url: &str) -> Builder {
        Builder::new(url)
    }

    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { alive: Arc::new(Alive { shared }) }
    }

    /// The socket of a namespace: `/`, `/admin`. It is the same one each time.
    #[must_use]
    pub fn of(&self, nsp: &str) -> Socket {
        let peer = self.shared().peer(Namespace::new(nsp));
        Socket::new(self.clone(), peer)
    }

    /// What happens to the connection from now on.
    #[must_use]
    pub fn events(&self) -> Events {
        Events(self.shared().events.subscribe())
    }

    /// Disconnects all sockets, closes the connection, and waits until what was sent has left, if
    /// the server takes it in time.
    pub async fn close(&self) {
        let (closed, done) = oneshot::channel();
        let _ = self.shared().link.push(Command::Close { closed }); // it has no size
        self.shared().begin(self);
        let _ = done.await;
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.alive.shared
    }

    pub(crate) fn downgrade(&self) -> WeakClient {
        WeakClient(Arc::downgrade(&self.alive))
    }
}

/// A client, as long as somebody else holds it.
pub(crate) struct WeakClient(Weak<Alive>);

impl WeakClient {
    pub(crate) fn upgrade(&self) -> Option<Client> {
        self.0.upgrade().map(|alive| Client { alive })
    }
}
