use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// The end of a server: what still runs is cut.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    stopped: AtomicBool,
    news: Arc<Notify>,
}

impl Stop {
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.news.notify_waiters();
    }

    /// Runs a future until it ends, or the server stops: then the result is `None`.
    pub(crate) fn cut<F>(self: &Arc<Self>, future: F) -> Cut<F> {
        let news = Arc::clone(&self.news).notified_owned();
        Cut { future, news, stop: Arc::clone(self), listening: None }
    }
}

pin_project! {
    /// What [`Stop::cut`] makes of a future. It asks for news once and then looks at a flag: every wake
    /// of every connection comes through here, and they must not wait for one another's lock.
    #[must_use = "futures do nothing unless they are polled"]
    pub(crate) struct Cut<F> {
        #[pin]
        future: F,
        #[pin]
        news: OwnedNotified,
        stop: Arc<Stop>,
        // Who hears the news.
        listening: Option<Waker>,
    }
}

impl<F: Future> Future for Cut<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if !this.listening.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            *this.listening = Some(cx.waker().clone());
            // What it says does not matter: whoever stops sets the flag first.
            let _ = this.news.poll(cx);
        }
        if this.stop.is_stopped() {
            return Poll::Ready(None);
        }
        this.future.poll(cx).map(Some)
    }
}
