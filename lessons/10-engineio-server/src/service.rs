use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Body;
use hyper::header::HeaderMap;
use hyper::http::request::Parts;
use hyper::{Method, Request, Uri};
use tracing::debug;

use crate::admission::{Admission, admit, check_version};
use crate::answer::{self, Answer};
use crate::eager::begun;
use crate::open::wants_websocket;
use crate::query::Query;
use crate::shared::Shared;
use crate::{Connection, Refusal, RequestHead, get, open, post};

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

/// A request's body, wherever it comes from.
pub trait RequestBody:
    Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + Unpin + 'static
{
}

impl<B> RequestBody for B where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
        + Send
        + Unpin
        + 'static
{
}

/// Answers the requests for a server's path: a hyper service, and with the feature `tower` a tower one.
///
/// Mount it where the path stays as it is: in axum with `route_service("/engine.io/", …)`. The address
/// of the client is taken from the request's extensions, if a `SocketAddr` is there.
#[derive(Clone, Debug)]
pub struct Service<A> {
    shared: Arc<Shared>,
    application: A,
}

impl<A: Application> Service<A> {
    pub(crate) fn new(shared: Arc<Shared>, application: A) -> Self {
        Self { shared, application }
    }

    /// Whether a request for this target is for the server. Other requests are answered with 404.
    #[must_use]
    pub fn is_for(&self, target: &Uri) -> bool {
        target.path().starts_with(&self.shared.settings.path)
    }

    /// Answers one request. `peer` is what [`RequestHead::peer`] will say.
    pub fn answer<B: RequestBody>(
        &self,
        request: Request<B>,
        peer: Option<SocketAddr>,
    ) -> impl Future<Output = Answer> + Send + use<A, B> {
        let service = self.clone();
        let (parts, body) = request.into_parts();
        // Each future on the way would keep room for it, and a GET waits long.
        let parts = Box::new(parts);
        async move { service.answer_parts(parts, body, peer).await }
    }

    async fn answer_parts<B: RequestBody>(
        &self,
        parts: Box<Parts>,
        body: B,
        peer: Option<SocketAddr>,
    ) -> Answer {
        let upgrade = wants_websocket(&parts.headers);
        // A WebSocket knows no CORS.
        let cors = self.shared.settings.cors.as_ref().filter(|_| !upgrade);
        let Some(cors) = cors else {
            return self.serve_or_refuse(parts, body, peer, upgrade).await;
        };
        if parts.method == Method::OPTIONS && self.is_for(&parts.uri) {
            let mut answer = answer::no_content();
            cors.allow_preflight(&parts.headers, answer.headers_mut());
            return answer;
        }
        // Now, so that the request's headers need not be kept while a GET waits.
        let mut allowed = HeaderMap::new();
        cors.allow(&parts.headers, &mut allowed);
        let mut answer = self.serve_or_refuse(parts, body, peer, upgrade).await;
        answer.headers_mut().extend(allowed);
        answer
    }

    async fn serve_or_refuse<B: RequestBody>(
        &self,
        parts: Box<Parts>,
        mut body: B,
        peer: Option<SocketAddr>,
        upgrade: bool,
    ) -> Answer {
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let opens = query.sid.is_none();
        let served = self.serve(parts, query, &mut body, peer).await;
        served.unwrap_or_else(|refusal| {
            // Whoever was too slow once is not awaited again.
            if !body.is_end_stream() && !matches!(refusal, Refusal::TooSlow { .. }) {
                self.shared.spawn(post::drain(&self.shared, body));
            }
            self.shared.counters.refuse(&refusal, opens);
            debug!(peer = peer.map(tracing::field::display), opens, why = ?refusal.to_string(), "refused");
            answer::refused(&refusal, upgrade)
        })
    }

    async fn serve<B: RequestBody>(
        &self,
        parts: Box<Parts>,
        query: Query,
        body: &mut B,
        peer: Option<SocketAddr>,
    ) -> Result<Answer, Refusal> {
        if !self.is_for(&parts.uri) {
            let expected = self.shared.settings.path.clone();
            return Err(Refusal::NotFound { expected, came: parts.uri.path().to_owned() });
        }
        let (shared, application) = (&self.shared, &self.application);
        match admit(shared, &parts, &query)? {
            Admission::OpenPolling => {
                let head = self.let_in(&parts, &query, peer).await?;
                open::polling(shared, application, head, parts).await
            }
            Admission::OpenWebSocket => {
                let head = self.let_in(&parts, &query, peer).await?;
                open::websocket(shared, application, head, parts, query.base64)
            }
            Admission::Upgrade(mailbox) => open::upgrade(shared, mailbox, parts, query.base64),
            Admission::Get(mailbox) => get::get(shared, mailbox, parts).await,
            // Boxed: a GET, which waits long, would keep room for it.
            Admission::Post(mailbox) => Box::pin(post::post(shared, mailbox, parts, body)).await,
        }
    }

    /// Asks the application about a new session.
    async fn let_in(
        &self,
        parts: &Parts,
        query: &Query,
        peer: Option<SocketAddr>,
    ) -> Result<Arc<RequestHead>, Refusal> {
        let head = Arc::new(RequestHead::copy(parts, peer)?);
        if let Some(gate) = &self.shared.settings.allow_request {
            gate.pass(&head).await?;
        }
        check_version(query)?;
        Ok(head)
    }

    fn respond<B: RequestBody>(
        &self,
        request: Request<B>,
    ) -> impl Future<Output = Result<Answer, Infallible>> + use<A, B> {
        let peer = request.extensions().get::<SocketAddr>().copied();
        let answer = begun(self.answer(request, peer));
        async move { Ok(answer.await) }
    }
}

impl<A: Application, B: RequestBody> hyper::service::Service<Request<B>> for Service<A> {
    type Response = Answer;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, Infallible>> + Send>>;

    fn call(&self, request: Request<B>) -> Self::Future {
        Box::pin(self.respond(request))
    }
}

#[cfg(feature = "tower")]
impl<A: Application, B: RequestBody> tower_service::Service<Request<B>> for Service<A> {
    type Response = Answer;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, Infallible>> + Send>>;

    /// Always ready: what there is too much of is refused by its answer.
    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        Box::pin(self.respond(request))
    }
}
