use std::hash::{BuildHasher, RandomState};

/// Which place in the log an event has. Counted, from 1; before any event, it is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(pub(crate) u64);

/// Places, as a client hears of them: a number, and a tag that only this log can make.
///
/// The number is counted, so that places have an order. The tag is a hash with a secret, so that a client can show no
/// place but one that it was told of, and none that was told before the server started again.
#[derive(Debug)]
pub(crate) struct Offsets {
    secret: RandomState,
    last: Place,
}

impl Offsets {
    pub(crate) fn new(secret: RandomState) -> Self {
        Self { secret, last: Place::default() }
    }

    /// Of the next event.
    pub(crate) fn next(&mut self) -> String {
        self.last.0 += 1;
        self.write(self.last)
    }

    /// `None`: this log never gave it.
    pub(crate) fn read(&self, offset: &str) -> Option<Place> {
        // ANCHOR: step_17_5
        let (number, _) = offset.split_once('.')?;
        let place = Place(u64::from_str_radix(number, 16).ok()?);
        (self.write(place) == offset).then_some(place)
        // ANCHOR_END: step_17_5
    }

    fn write(&self, place: Place) -> String {
        let tag = self.secret.hash_one(place.0) as u32;
        format!("{:x}.{tag:08x}", place.0)
    }
}
