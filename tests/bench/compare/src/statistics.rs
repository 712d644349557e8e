//! Few numbers, and none of them trusted alone.

/// Of some measurements of the same thing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) most: f64,
}

impl Spread {
    /// None of none.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (least, most) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = match sorted.len() % 2 {
            0 => (sorted[middle - 1] + sorted[middle]) / 2.0,
            _ => sorted[middle],
        };
        Some(Self { least, median, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_does_not_follow_one_that_was_disturbed() {
        let spread = Spread::of(&[3.0, 100.0, 1.0, 2.0, 2.5]);
        assert_eq!(spread, Some(Spread { least: 1.0, median: 2.5, most: 100.0 }));
    }

    #[test]
    fn of_an_even_number_it_lies_between_the_two_in_the_middle() {
        assert_eq!(Spread::of(&[4.0, 1.0, 3.0, 2.0]).map(|spread| spread.median), Some(2.5));
    }

    #[test]
    fn of_one_it_is_that_one_and_of_none_there_is_none() {
        let one = Spread { least: 7.0, median: 7.0, most: 7.0 };
        assert_eq!(Spread::of(&[7.0]), Some(one));
        assert_eq!(Spread::of(&[]), None);
    }
}
