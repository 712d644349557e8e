use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep_until};

/// Rings at a time that may be moved.
///
/// Each message moves the time at which a keep-alive ping is due. The timer is not moved along: it
/// rings at the time it was set to, and only then looks at the time that is meant.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    /// Boxed, since tokio's timer must not move in memory, and the connection may.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    /// Ready, with the time, when it is `time` or later; never if there is none.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        time: Option<std::time::Instant>,
    ) -> Poll<std::time::Instant> {
        let Some(time) = time.map(Instant::from_std) else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(time)));
        if timer.deadline() > time {
            timer.as_mut().reset(time);
        }
        loop {
            ready!(timer.as_mut().poll(cx));
            let now = Instant::now();
            if now >= time {
                return Poll::Ready(now.into_std());
            }
            timer.as_mut().reset(time);
        }
    }
}
