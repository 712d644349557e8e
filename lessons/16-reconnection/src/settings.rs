use std::time::Duration;

/// Whether, how often and how soon a client dials again.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconnection {
    /// Whether it dials again by itself: it does.
    pub enabled: bool,
    /// After how many attempts in a row it gives up: never.
    pub attempts: Option<u32>,
    /// How long it waits before each.
    pub delays: Delays,
    /// How long a dial may take until the connection is open: 20 s. Without this, as long as it likes.
    pub connect_timeout: Option<Duration>,
}

impl Default for Reconnection {
    fn default() -> Self {
        Self {
            enabled: true,
            attempts: None,
            delays: Delays::default(),
            connect_timeout: Some(Duration::from_secs(20)),
        }
    }
}

/// How long to wait before an attempt: twice as long each time.
#[derive(Clone, Debug, PartialEq)]
pub struct Delays {
    /// Before the first: 1 s.
    pub first: Duration,
    /// At most: 5 s.
    pub max: Duration,
    /// How far chance may move a delay, either way, as a part of it: 0.5. What is not above 0 and at most 1
    /// is 0, as in the reference.
    pub jitter: f64,
    /// Whether chance has its say before `max`, or after it.
    pub clamp: Clamp,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            max: Duration::from_secs(5),
            jitter: 0.5,
            clamp: Clamp::AfterJitter,
        }
    }
}

/// When a delay is held below [`Delays::max`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clamp {
    /// At the end, as in the reference. No delay is longer than `max`; but with the defaults, each from the
    /// fifth on is exactly that long, for every client.
    #[default]
    AfterJitter,
    /// First, so that chance moves `max`, too. A delay may be longer than `max`, by `jitter` of it.
    BeforeJitter,
}
