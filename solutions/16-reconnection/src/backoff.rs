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
        // ANCHOR: step_16_1
        let ms = millis(self.delays.first) * 2_f64.powf(self.attempts.into());
        let max = millis(self.delays.max);
        // After a thousand attempts `ms` is infinite, and moved it is no number: then `min` takes `max`.
        let ms = match self.delays.clamp {
            Clamp::AfterJitter => self.moved(ms, random).min(max),
            Clamp::BeforeJitter => self.moved(ms.min(max), random),
        };
        self.attempts = self.attempts.saturating_add(1);
        Duration::from_millis(ms as u64)
        // ANCHOR_END: step_16_1
    }

    /// `ms`, moved by chance: one random number says how far, and its first decimal which way.
    fn moved(&self, ms: f64, random: f64) -> f64 {
        // ANCHOR: step_16_2
        let deviation = (random * self.jitter() * ms).floor();
        let is_sooner = (random * 10.0).floor() % 2.0 == 0.0;
        if is_sooner { ms - deviation } else { ms + deviation }
        // ANCHOR_END: step_16_2
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
