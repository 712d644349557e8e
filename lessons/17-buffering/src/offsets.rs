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
        // TODO step 17.5: Keep what they missed
        //
        // The other side: a server that remembers. An offset is a number and a tag, and `read`
        // believes the number only if this log would write it the same way. `is_complete_after`
        // says whether nothing is missing after a place: `self.evicted` is the last event that went
        // to make room, before its time. `missed` are the packets of those events that stand after
        // the place, in the session's namespace, and are meant for somebody in its rooms;
        // `is_meant` is lesson 14's rule, asked of rooms that are remembered: without a room in the
        // selection everybody, else whoever is in any of them, and nobody who is in an excepted
        // one. `expire` forgets those whose deadline has come, from the oldest on, and gives the
        // deadline of the first that stays. (Socket.IO, "Connection state recovery")
        //
        // Stuck? cargo course hint 17.5
        { Some(Place(u64::from_str_radix(offset.split('.').next()?, 16).ok()?)) }
    }

    fn write(&self, place: Place) -> String {
        let tag = self.secret.hash_one(place.0) as u32;
        format!("{:x}.{tag:08x}", place.0)
    }
}
