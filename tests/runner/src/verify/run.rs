//! The runs of the switched crate's tests: what is missing in each, and which tests it holds.

use std::ops::RangeInclusive;

use crate::holes::HoleId;
use crate::libtest;
use crate::source::Source;

/// How many tests run at a time where they are to fail: over real sockets, a test of what is not
/// written waits for its deadline.
const WAITING: usize = 8;

/// What is written and what is not, and which tests run.
#[derive(Clone, Copy)]
pub(super) enum Run {
    /// All steps before this one: their tests.
    Before(u8),
    /// All steps before this one: the tests of this one.
    Of(u8),
    /// Everything but this hole: the tests of its step, until one fails.
    Without(HoleId),
}

/// Every run that is to be made, those first that wait the longest.
pub(super) fn runs(source: &Source) -> Vec<Run> {
    let last = u8::try_from(source.steps.len()).unwrap_or(u8::MAX);
    let holes = source.pairs().into_iter().map(|pair| Run::Without(pair.hole.id));
    let failed = (1..=last).map(Run::Of);
    let passed = (1..=last).map(|step| Run::Before(step + 1));
    failed.chain(passed).chain(holes).collect()
}

impl Run {
    pub(super) fn missing(self, source: &Source) -> Vec<HoleId> {
        match self {
            Self::Without(hole) => vec![hole],
            Self::Before(step) | Self::Of(step) => {
                let holes = source.pairs().into_iter().map(|pair| pair.hole.id);
                holes.filter(|id| id.step.step >= step).collect()
            }
        }
    }

    /// The steps whose tests run.
    fn steps(self) -> RangeInclusive<u8> {
        match self {
            Self::Before(step) => 1..=step - 1,
            Self::Of(step) => step..=step,
            Self::Without(hole) => hole.step.step..=hole.step.step,
        }
    }

    pub(super) fn includes(self, test: &str) -> bool {
        libtest::step(test).is_some_and(|step| self.steps().contains(&step))
    }

    /// What the test binary is told.
    pub(super) fn args(self) -> Vec<String> {
        let tests = self.steps().map(|step| format!("::s{step}_"));
        let threads = format!("--test-threads={WAITING}");
        let is_to_fail = !matches!(self, Self::Before(_));
        tests.chain(is_to_fail.then_some(threads)).collect()
    }

    /// Whether nothing that comes after this line of the output matters.
    pub(super) fn ends_at(self, line: &str) -> bool {
        matches!(self, Self::Without(_)) && libtest::is_failure(line)
    }
}
