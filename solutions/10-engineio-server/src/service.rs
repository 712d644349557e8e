use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Body;
use hyper::{Request, Response};

use crate::admission::{Admission, admit};
use crate::query::Query;
use crate::shared::Shared;
use crate::{Connection, Refusal, RequestHead, answer, get, open, post};

/// What is done with each session: an `async fn` of a [`Connection`], or a closure like one.
pub trait Application: Fn(Connection) -> Self::Future + Clone + Send + Sync + 'static {
    /// The session's task.
    type Future: Future<Output = ()> + Send + 'static;
}

impl<F, Fut> Application for F
where
    F: Fn(Connection) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    type Future = Fut;
}

/// Answers the requests of a server's path.
#[derive(Clone, Debug)]
pub struct Service<A> {
    shared: Arc<Shared>,
    application: A,
}

impl<A: Application> Service<A> {
    pub(crate) fn new(shared: Arc<Shared>, application: A) -> Self {
        Self { shared, application }
    }

    /// Answers one request. `peer` is what [`RequestHead::peer`] will say.
    pub async fn answer<B>(
        &self,
        request: Request<B>,
        peer: Option<SocketAddr>,
    ) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
            + Send
            + Unpin
            + 'static,
    {
        let upgrade = open::wants_websocket(request.headers());
        match self.serve(request, peer).await {
            Ok(answer) => answer,
            Err(refusal) => answer::refused(&refusal, upgrade),
        }
    }

    async fn serve<B>(
        &self,
        request: Request<B>,
        peer: Option<SocketAddr>,
    ) -> Result<Response<Full<Bytes>>, Refusal>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
            + Send
            + Unpin
            + 'static,
    {
        let settings = &self.shared.settings;
        if !request.uri().path().starts_with(&settings.path) {
            let came = request.uri().path().to_owned();
            return Err(Refusal::NotFound { expected: settings.path.clone(), came });
        }
        let query = Query::parse(request.uri().query().unwrap_or_default());
        let (parts, body) = request.into_parts();
        match admit(&self.shared, &parts, &query)? {
            Admission::OpenPolling => {
                let head = Arc::new(RequestHead::copy(&parts, peer));
                drop(parts);
                open::polling(&self.shared, &self.application, head).await
            }
            Admission::OpenWebSocket => {
                let head = Arc::new(RequestHead::copy(&parts, peer));
                open::websocket(&self.shared, &self.application, head, parts, query.base64)
            }
            Admission::Upgrade(mailbox) => {
                open::upgrade(&self.shared, mailbox, parts, query.base64)
            }
            Admission::Get(mailbox) => get::get(mailbox).await,
            Admission::Post(mailbox) => post::post(&self.shared, mailbox, parts, body).await,
        }
    }
}

impl<A, B> hyper::service::Service<Request<B>> for Service<A>
where
    A: Application,
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
        + Send
        + Unpin
        + 'static,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        let peer = request.extensions().get::<SocketAddr>().copied();
        Box::pin(async move { Ok(service.answer(request, peer).await) })
    }
}
