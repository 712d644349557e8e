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
        // TODO step 20.5: Too fast, and away
        //
        // `take`: each time puts `rate.every` into a bucket, which time empties; it holds
        // `rate.every * rate.burst`. `self.empty` is when it will be empty. If one more would make
        // it overflow, return how long to wait until it would not, and put nothing in.
        //
        // `depart`: nothing, if the connection that ended is not somebody's latest: they are here
        // by another one. Gone, with `self.remove`, if it was by choice. Else they are away from
        // now on, and their rooms are told so.
        //
        // Stuck? cargo course hint 20.5
        Ok(())
    }
}
