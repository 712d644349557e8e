use std::time::{Duration, Instant};

/// How often something may happen: `burst` times at once, and once more after each `every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How often at once.
    pub burst: u32,
    /// After how long once more.
    pub every: Duration,
}

/// What one person has taken of a [`Rate`].
///
/// A bucket with a hole: each time puts `every` into it, and time empties it. All that has to be kept is when it will
/// be empty.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    empty: Instant,
}

impl Allowance {
    /// Nothing is taken.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { empty: now }
    }

    /// Takes one.
    ///
    /// # Errors
    ///
    /// How long to wait, if it would be too much. Then nothing was taken.
    pub fn take(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        // ANCHOR: step_20_5
        let empty = self.empty.max(now) + rate.every;
        let over = (empty - now).saturating_sub(rate.every * rate.burst);
        if over > Duration::ZERO {
            return Err(over);
        }
        self.empty = empty;
        Ok(())
        // ANCHOR_END: step_20_5
    }
}
