use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A clock that stands still until it is told to [advance](Self::advance).
///
/// A machine takes `now` as an argument; a test takes it from here, so that seventy seconds pass in
/// no time. Clones show the same time.
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<Mutex<Instant>>);

impl VirtualClock {
    /// A clock that stands at an arbitrary instant.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "no instant is a default one")]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    /// The instant at which the clock stands.
    #[must_use]
    pub fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

/// Where a transcript's times come from.
#[derive(Clone, Debug)]
pub(crate) enum Clock {
    /// No times at all: over real sockets they differ from run to run.
    None,
    Virtual(VirtualClock),
    /// tokio's clock, which a test pauses with `start_paused = true`.
    Tokio,
}

impl Clock {
    pub(crate) fn now(&self) -> Option<Instant> {
        match self {
            Self::None => None,
            Self::Virtual(clock) => Some(clock.now()),
            Self::Tokio => Some(tokio::time::Instant::now().into_std()),
        }
    }
}
