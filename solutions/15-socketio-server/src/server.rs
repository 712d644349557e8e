use std::net::SocketAddr;
use std::sync::{Arc, atomic::Ordering};

use engineio_server::{Answer as HttpAnswer, Connection, Service};
use hyper::Request;
use hyper::body::Incoming;
use socketio_packet::{EncodeError, FromArgs, ToArgs};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use crate::broadcast::RemoteSocket;
use crate::conversation::converse;
use crate::handler::BoxFuture;
use crate::shared::Shared;
use crate::{Broadcast, Builder, CallAll, Matcher, Namespace, Stats};

/// A Socket.IO server. A clone is the same server.
#[derive(Clone, Debug)]
pub struct Server {
    engine: engineio_server::Server,
    shared: Arc<Shared>,
}

impl Server {
    /// A server with other settings than the reference's.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(engine: engineio_server::Server, shared: Arc<Shared>) -> Self {
        Self { engine, shared }
    }

    /// The namespace of this name, which is there from now on. The slash that it begins with is added if it
    /// is missing.
    #[must_use]
    pub fn of(&self, name: &str) -> Namespace {
        Namespace::new(self.shared.namespaces.of(name, &self.shared.settings))
    }

    /// Namespaces that are made when the first client asks for them, and go with the last. `set_up`
    /// registers their handlers, once for each namespace. It has the namespace: to ask the server for it
    /// would wait for ever.
    pub fn of_dynamic(
        &self,
        names: impl Matcher,
        set_up: impl Fn(Namespace) + Send + Sync + 'static,
    ) {
        self.shared.namespaces.add_dynamic(names, set_up);
    }

    /// Those in the namespace `/` who are in this room.
    pub fn to(&self, room: &str) -> Broadcast {
        self.of("/").to(room)
    }

    /// Those in the namespace `/` who are not in this room.
    pub fn except(&self, room: &str) -> Broadcast {
        self.of("/").except(room)
    }

    /// Sends an event to everybody in the namespace `/`.
    pub fn emit(&self, name: &str, args: impl ToArgs) {
        self.of("/").emit(name, args);
    }

    /// Sends an event to everybody in the namespace `/`.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if an argument cannot be written. Nothing is sent then.
    pub fn try_emit(&self, name: &str, args: impl ToArgs) -> Result<(), EncodeError> {
        self.of("/").try_emit(name, args)
    }

    /// Sends an event that everybody in the namespace `/` is to answer. Await it for the answers.
    pub fn call<T: FromArgs>(&self, name: &str, args: impl ToArgs) -> CallAll<T> {
        self.of("/").call(name, args)
    }

    /// Who is in the namespace `/`.
    pub async fn fetch(&self) -> Vec<RemoteSocket> {
        self.of("/").fetch().await
    }

    /// Accepts connections until [`Server::shutdown`] is called, and returns when the last of them has
    /// ended.
    pub async fn serve(&self, listener: TcpListener) {
        self.engine.serve(listener, self.application()).await;
    }

    /// Like [`serve`](Self::serve), and requests for other paths are answered by `fallback`: a page, say.
    pub async fn serve_beside<F, Fut>(&self, listener: TcpListener, fallback: F)
    where
        F: Fn(Request<Incoming>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = HttpAnswer> + Send + 'static,
    {
        self.engine.serve_beside(listener, self.application(), fallback).await;
    }

    /// Serves one connection that was accepted elsewhere, behind TLS for example, until it ends or
    /// becomes a WebSocket, which lives on in a task of its own.
    pub async fn serve_connection<S>(&self, stream: S, peer: Option<SocketAddr>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.engine.serve_connection(stream, peer, self.application()).await;
    }

    /// The server as a hyper service (and, with the feature `tower`, a tower one), to be mounted where
    /// requests are accepted already.
    #[must_use]
    pub fn service(&self) -> Service<impl engineio_server::Application + use<>> {
        self.engine.service(self.application())
    }

    /// Tells every client that the server stops, and waits until each has gone and its handlers have
    /// returned, for at most the Engine.IO server's `shutdown_timeout`: one handler that does not return
    /// makes it wait as long as that.
    ///
    /// What is left then is cut: its sockets are in no room any more, but nobody calls `on_disconnect` for
    /// them.
    pub async fn shutdown(&self) {
        self.shared.stopping.store(true, Ordering::Release);
        self.engine.shutdown().await;
    }

    /// What the server does, and what it has done until now. It looks at each namespace: once in a second
    /// costs nothing that can be measured.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let all = self.shared.namespaces.all();
        Stats {
            engine: self.engine.stats(),
            namespaces: all.len(),
            sockets: all.iter().map(|nsp| nsp.rooms().len()).sum(),
            ..self.shared.counters.stats()
        }
    }

    /// The server below: how many connections there are, for example.
    #[must_use]
    pub fn engine(&self) -> &engineio_server::Server {
        &self.engine
    }

    fn application(&self) -> impl engineio_server::Application + use<> {
        let shared = Arc::clone(&self.shared);
        move |connection: Connection| -> BoxFuture<()> {
            Box::pin(converse(Arc::clone(&shared), connection))
        }
    }
}
