//! Which of the numbers asked for have come, and in which order.

use anyhow::{Result, bail, ensure};

/// Numbers from 0 on, each of which comes once.
#[derive(Default)]
pub(super) struct Arrivals {
    /// One more than the highest that came.
    next: u64,
    /// Those below that did not come yet.
    missing: Vec<u64>,
}

impl Arrivals {
    /// Whether it came in order. A number that comes after a later one is late.
    pub(super) fn arrive(&mut self, number: u64, asked: u64) -> Result<bool> {
        ensure!(number < asked, "expected one of {asked} answers, came number {number}");
        if number >= self.next {
            self.missing.extend(self.next..number);
            self.next = number + 1;
            return Ok(true);
        }
        let Some(place) = self.missing.iter().position(|missing| *missing == number) else {
            bail!("expected each answer once, came number {number} again");
        };
        self.missing.swap_remove(place);
        Ok(false)
    }

    pub(super) fn count(&self) -> u64 {
        self.next - self.missing.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_is_not_lost_and_twice_is_an_error() {
        let mut arrivals = Arrivals::default();
        let came = [0, 3, 1].map(|number| arrivals.arrive(number, 4).expect("asked for"));
        assert_eq!(came, [true, true, false]);
        assert_eq!(arrivals.count(), 3, "2 is missing");
        for again in [0, 1, 3] {
            arrivals.arrive(again, 4).expect_err("it came before");
        }
        arrivals.arrive(4, 4).expect_err("nobody asked for it");
        assert!(!arrivals.arrive(2, 4).expect("asked for"));
        assert_eq!(arrivals.count(), 4);
    }
}
