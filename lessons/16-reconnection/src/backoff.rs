use std::time::Duration;

use crate::{Clamp, Delays};

/// How long to wait before the next attempt: longer each time, and not as long as everybody else.
///
/// ```text
///  attempt      1        2        3        4        5 …
///  ms        1000     2000     4000     8000    16000     first × 2ⁿ
///  jitter    ±500    ±1000    ±2000    ±4000    ±8000     chance, as a part of it
///  max                         5000     5000     5000     at most
/// ```
#[derive(Clone, Debug)]
pub struct Backoff {
    delays: Delays,
    attempts: u32,
}

impl Backoff {
    /// No attempt was made yet.
    #[must_use]
    pub fn new(delays: Delays) -> Self {
        Self { delays, attempts: 0 }
    }

    /// How long to wait before the next attempt, which this counts. `random` is in `[0, 1)`.
    ///
    /// It is a number of whole milliseconds, the reference's to the last one.
    pub fn next(&mut self, random: f64) -> Duration {
        // TODO step 16.1: Wait longer each time
        //
        // How long to wait before the next attempt: `first`, doubled once for each attempt that was
        // made before, and never more than `max`. The attempt is counted. On the way there, in
        // milliseconds, `self.moved(ms, random)` lets chance move the delay; step 16.2 writes that.
        // `self.delays.clamp` says which comes last: with `AfterJitter`, `max` is; with
        // `BeforeJitter`, chance is. The answer is whole milliseconds, what is beyond the point
        // dropped. (`socket.io-client`, `contrib/backo2.ts`, `duration`)
        //
        // Stuck? cargo course hint 16.1
        todo!("step 16.1: Wait longer each time (cargo course hint 16.1)")
    }

    /// `ms`, moved by chance: one random number says how far, and its first decimal which way.
    fn moved(&self, ms: f64, random: f64) -> f64 {
        // TODO step 16.2: Not when everybody does
        //
        // Moves a delay by chance, sooner or later. One random number says both: how far,
        // `random × jitter × ms` without what is beyond the point; and which way, by its first
        // decimal: sooner if that is even, later if it is odd. So with a jitter of 0.5 and 0.25 as
        // the random number, 1000 becomes 875: an eighth of it, sooner. `self.jitter()` is the
        // setting, or 0 if that makes no sense. If `BeforeJitter` never gives more than the longest
        // delay, `next` of step 16.1 cuts once too often. (`socket.io-client`, `contrib/backo2.ts`,
        // `duration`)
        //
        // Stuck? cargo course hint 16.2
        ms
    }

    fn jitter(&self) -> f64 {
        let jitter = self.delays.jitter;
        if jitter > 0.0 && jitter <= 1.0 { jitter } else { 0.0 }
    }

    /// How many attempts were made, or are about to be, since the last [`Backoff::reset`].
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The next attempt is the first again.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }
}

/// Milliseconds as JavaScript counts: whole ones are exact.
fn millis(duration: Duration) -> f64 {
    duration.as_secs() as f64 * 1e3 + f64::from(duration.subsec_nanos()) / 1e6
}
