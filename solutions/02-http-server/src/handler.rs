use http_message::Request;

use crate::Answer;

/// The application: a request in, an answer out.
///
/// An async closure or function is one that gives a [`Response`](http_message::Response), or an
/// [`Answer`] if it may change the protocol. Each request gets a clone of its own, so what requests share
/// stands behind an [`Arc`](std::sync::Arc):
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// use http_message::{Request, Response, Status};
///
/// let visits = Arc::new(AtomicUsize::new(0));
/// let count = async move |_: Request| {
///     let visit = visits.fetch_add(1, Ordering::Relaxed) + 1;
///     Response::text(Status::OK, format!("visit {visit}"))
/// };
/// # fn is_a_handler(_: impl http_server::Handler) {}
/// # is_a_handler(count);
/// ```
///
/// A handler that panics costs its own connection an answer of 500, and nobody else anything. A
/// handler that blocks its thread holds up every connection on that thread, so wait with `.await`.
pub trait Handler: Clone + Send + 'static {
    /// Answers one request. With [`Response::closing`](http_message::Response::closing) the
    /// connection ends after the answer.
    fn call(self, request: Request) -> impl Future<Output = Answer> + Send;
}

impl<F, Answering> Handler for F
where
    F: FnOnce(Request) -> Answering + Clone + Send + 'static,
    Answering: Future<Output: Into<Answer>> + Send,
{
    async fn call(self, request: Request) -> Answer {
        self(request).await.into()
    }
}
