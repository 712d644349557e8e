//! GET and POST: the requests of a session that polls.

use std::{mem, time::Instant};

use engineio_packet::{ByteString, Packet, payload};

use crate::{
    CloseReason, Output, Rejected, Session,
    state::{Probe, Requests, State},
};

impl Session {
    pub(crate) fn get(&mut self) -> Result<(), Rejected> {
        self.refuse_overlap(Requests { get: true, post: false })?;
        self.requests()?.get = true;
        if matches!(self.state, State::Closing { .. }) && self.outbox.is_empty() {
            self.end(CloseReason::ByServer);
        }
        Ok(())
    }

    pub(crate) fn get_cancelled(&mut self) -> Result<(), Rejected> {
        self.requests()?.get = false;
        Err(self.fail(CloseReason::RequestCancelled))
    }

    pub(crate) fn post_began(&mut self) -> Result<(), Rejected> {
        self.refuse_overlap(Requests { get: false, post: true })?;
        self.requests()?.post = true;
        Ok(())
    }

    pub(crate) fn post(&mut self, body: &ByteString, now: Instant) -> Result<(), Rejected> {
        self.requests()?.post = false;
        // TODO step 9.3, continued: see `Session::packet` in src/incoming.rs
        todo!("step 9.3: What the client says (cargo course hint 9.3)")
    }

    pub(crate) fn post_cancelled(&mut self) -> Result<(), Rejected> {
        self.requests()?.post = false;
        Err(self.fail(CloseReason::RequestCancelled))
    }

    pub(crate) fn post_refused(&mut self) -> Result<(), Rejected> {
        self.requests()?.post = false;
        Ok(())
    }

    /// A client has one GET and one POST under way at most: of two, nobody could say which is the older.
    fn refuse_overlap(&mut self, came: Requests) -> Result<(), Rejected> {
        // TODO step 9.5: What fails, and how it ends
        //
        // Four endings. Of two GETs at a time, nobody could say which is the older, so
        // `refuse_overlap` ends the session with `ConcurrentGet`, or `ConcurrentPost` for two
        // POSTs; `self.fail(reason)` ends it and gives the error.
        //
        // A WebSocket that fails while it is tried harms nothing, so `back_to_polling` polls on;
        // but if the application closed the session meanwhile, it is closed as on polling.
        //
        // `close_by_server`, by state: on polling, `close_polling` does it; while a probe is
        // awaited, the WebSocket is closed first; once the probe was answered the client polls no
        // more, so the close is only noted; on a WebSocket the session ends at once; a second close
        // is nothing.
        //
        // `end` tells the application already; now the client hears of it, too: a GET that waits
        // takes what is left and one packet more, a noop if the client closed (it knows), a close
        // in all other cases; the state is `Closed`; a WebSocket, unless it is what ended, is
        // closed; nothing is kept; the application hears the reason, last of all.
        //
        // Stuck? cargo course hint 9.5
        Ok(())
    }

    /// The requests that are under way, if this session takes any.
    pub(crate) fn requests(&mut self) -> Result<&mut Requests, Rejected> {
        match &mut self.state {
            State::Polling(requests)
            | State::Upgrading { requests, .. }
            | State::Closing { requests, .. } => Ok(requests),
            State::WebSocket => Err(Rejected::OnWebSocket),
            State::Closed => Err(Rejected::Closed),
        }
    }

    /// Everything that waits, for the GET that waits. A client that is about to upgrade waits for
    /// the end of its GET, so it gets an answer at once, if only a noop.
    pub(crate) fn answer_get(&mut self) -> Option<Output> {
        let in_a_hurry =
            matches!(self.state, State::Upgrading { probe: Probe::Answered { .. }, .. });
        if in_a_hurry && self.outbox.is_empty() {
            return self.take_get().then(|| Output::AnswerGet(vec![Packet::Noop.encode()]));
        }
        // TODO step 9.2: A GET takes all that waits
        //
        // On polling the server cannot speak until it is asked. What it wants to say waits in
        // `self.outbox`; the client keeps a GET waiting. `answer_get` is called when all other
        // outputs were taken. If there is something to say and a GET waits, it gives the answer:
        // everything that waits, in order, and then nothing is buffered any more. If one of the two
        // is missing, `None`. `is_writable` says whether a message that is sent now would leave
        // now: on polling, also while a WebSocket is tried, if a GET waits and no message does; on
        // a WebSocket, always; in a session that is closing or closed, never.
        //
        // Stuck? cargo course hint 9.2
        todo!("step 9.2: A GET takes all that waits (cargo course hint 9.2)")
    }

    /// Whether a GET waits. It waits no more.
    pub(crate) fn take_get(&mut self) -> bool {
        self.requests().is_ok_and(|requests| mem::take(&mut requests.get))
    }
}
