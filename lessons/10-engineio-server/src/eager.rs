use std::task::{Context, Poll, Waker};

/// Begins with an answer now, and not when it is awaited.
///
/// A client may have left when its request is read. Then hyper drops the answer without having polled
/// it once, and nobody would know that there had been a request.
pub(crate) fn begun<T>(answer: impl Future<Output = T>) -> impl Future<Output = T> {
    let mut answer = Box::pin(answer);
    // Whoever polls it next leaves a waker of their own.
    let first = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    async move {
        match first {
            Poll::Ready(answer) => answer,
            Poll::Pending => answer.await,
        }
    }
}
