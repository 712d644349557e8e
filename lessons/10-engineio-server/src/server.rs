use std::net::SocketAddr;
use std::sync::Arc;

use hyper::Request;
use hyper::body::Incoming;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use crate::shared::Shared;
use crate::{Answer, Application, Builder, Service, Stats, listener};

/// Sessions, and what they have in common. A clone is the same server.
#[derive(Clone, Debug)]
pub struct Server {
    shared: Arc<Shared>,
}

impl Server {
    /// A server with other settings than the reference's.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Accepts connections until [`Server::shutdown`] is called, and returns when the last of them has
    /// ended.
    ///
    /// Connections are accepted in a task of its own. Whoever drops this future ends that task, and the port is
    /// free when the runtime has come by.
    pub async fn serve(&self, listener: TcpListener, application: impl Application) {
        let service = self.service(application);
        listener::serve(listener, &self.shared, move |request, peer| {
            service.answer(request, Some(peer))
        })
        .await;
    }

    /// Like [`serve`](Self::serve), and requests for other paths are answered by `fallback`: a page, say.
    pub async fn serve_beside<F, Fut>(
        &self,
        listener: TcpListener,
        application: impl Application,
        fallback: F,
    ) where
        F: Fn(Request<Incoming>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send + 'static,
    {
        let service = self.service(application);
        listener::serve(listener, &self.shared, move |request: Request<Incoming>, peer| {
            let (service, fallback) = (service.clone(), fallback.clone());
            async move {
                if service.is_for(request.uri()) {
                    service.answer(request, Some(peer)).await
                } else {
                    fallback(request).await
                }
            }
        })
        .await;
    }

    /// Serves one connection that was accepted elsewhere, behind TLS for example, until it ends or
    /// becomes a WebSocket, which lives on in a task of its own.
    pub async fn serve_connection<S>(
        &self,
        stream: S,
        peer: Option<SocketAddr>,
        application: impl Application,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = self.service(application);
        let respond = |request| service.answer(request, peer);
        listener::serve_connection(stream, &self.shared, respond).await;
    }

    /// The server as a hyper service, to be mounted where requests are accepted already.
    #[must_use]
    pub fn service<A: Application>(&self, application: A) -> Service<A> {
        Service::new(Arc::clone(&self.shared), application)
    }

    /// Tells every session that it is over, and waits until each has ended, for at most
    /// [`shutdown_timeout`](Builder::shutdown_timeout). New sessions are refused from now on.
    pub async fn shutdown(&self) {
        self.shared.shut_down().await;
    }

    /// What the server does, and what it has done until now. It costs no more than to look at some numbers.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.counters.stats()
    }

    /// The longest message that it takes, in bytes: for a layer above, whose own limits follow from it.
    #[must_use]
    pub fn max_payload(&self) -> u64 {
        self.shared.settings.session.max_payload
    }

    /// How many sessions live.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.shared.registry.len()
    }
}
