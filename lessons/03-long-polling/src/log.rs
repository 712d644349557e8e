use std::collections::VecDeque;

use crate::{Message, News};

/// The newest messages, numbered.
#[derive(Debug)]
pub struct Log {
    /// The oldest first, their ids without a gap.
    kept: VecDeque<Message>,
    /// The newest message's id; 0 before the first.
    last: u64,
    /// How many are kept.
    keep: usize,
}

impl Log {
    /// A log that keeps the newest `keep` messages, and at least one.
    #[must_use]
    pub fn new(keep: usize) -> Self {
        Self { kept: VecDeque::new(), last: 0, keep: keep.max(1) }
    }

    /// Adds a message under the next id.
    pub fn push(&mut self, text: String) -> Message {
        self.make_room();
        // TODO step 3.1: Ask again and again
        //
        // Two short functions. `push` gives the text the next id, one more than `self.last`, keeps
        // the message at the back of `self.kept`, and returns a copy of it. `since` answers with
        // the kept messages whose id is greater than `since` (by id and not by place: the oldest
        // will be forgotten in step 3.5), the oldest first, with `self.missed(since)` and with
        // `self.last`. The HTTP around it is there already: `GET /messages?since=3` and
        // `POST /messages`.
        //
        // Stuck? cargo course hint 3.1
        todo!("step 3.1: Ask again and again (cargo course hint 3.1)")
    }

    /// What came after message `since`; 0 asks for everything that is kept.
    ///
    /// A `since` that was not given out yet belongs to another board: the server was started anew, and
    /// its ids begin again. Everything is news to such a client.
    #[must_use]
    pub fn since(&self, since: u64) -> News {
        let since = if since > self.last { 0 } else { since };
        // TODO step 3.1, continued: see `Log::push` in src/log.rs
        todo!("step 3.1: Ask again and again (cargo course hint 3.1)")
    }

    /// Forgets the oldest messages, so that one more can be kept.
    fn make_room(&mut self) {
        // TODO step 3.5: A limit on everything
        //
        // Until now the log, the waiters and a body grow as clients like. In src/log.rs,
        // `make_room` forgets the oldest messages until there is room for one more below
        // `self.keep`. `missed` says how many messages after `since` are forgotten: the ids have no
        // gaps, so `self.last` and the number of kept messages tell which are. In src/waiters.rs,
        // `has_room` says whether `count` is below `self.max`. In src/answer.rs, `read_body` takes
        // at most `limits.max_body` bytes, in at most `limits.body_deadline` for all of them. It
        // refuses as soon as one of the two is exceeded, not when the body has ended: with
        // `BodyTooLarge`, `BodyTooSlow` and, for any other error, `BodyBroken`. (RFC 9110, sections
        // 15.5.9, 15.5.14 and 15.6.4)
        //
        // What you can use: `Limited::new(body, limit)` of `http_body_util`, a body that fails
        // beyond its limit, and `timeout`.
        //
        // Stuck? cargo course hint 3.5
        ()
    }

    /// How many messages came after message `since` and are no longer kept.
    fn missed(&self, since: u64) -> u64 {
        // TODO step 3.5, continued: see `Log::make_room` in src/log.rs
        0
    }
}
