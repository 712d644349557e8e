use http_message::{Request, Response};

/// The application: a request in, a response out.
///
/// An async closure or function is one. Each request gets a clone of its own, so what requests share
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
/// # fn is_a_handler(_: impl lesson_02_http_server::Handler) {}
/// # is_a_handler(count);
/// ```
///
/// A handler that panics costs its own connection an answer of 500, and nobody else anything. A
/// handler that blocks its thread holds up every connection on that thread, so wait with `.await`.
pub trait Handler: Clone + Send + 'static {
    /// Answers one request. With [`Response::closing`] the connection ends after the answer.
    fn call(self, request: Request) -> impl Future<Output = Response> + Send;
}

impl<F, Answer> Handler for F
where
    F: FnOnce(Request) -> Answer + Clone + Send + 'static,
    Answer: Future<Output = Response> + Send,
{
    fn call(self, request: Request) -> impl Future<Output = Response> + Send {
        self(request)
    }
}
