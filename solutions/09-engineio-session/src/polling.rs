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
        // ANCHOR: step_9_3_b
        for frame in payload::decode(body) {
            self.packet(frame, now)?;
            if matches!(self.state, State::Closed) {
                break;
            }
        }
        Ok(())
        // ANCHOR_END: step_9_3_b
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
        // ANCHOR: step_9_5
        let under_way = *self.requests()?;
        if came.get && under_way.get {
            return Err(self.fail(CloseReason::ConcurrentGet));
        }
        if came.post && under_way.post {
            return Err(self.fail(CloseReason::ConcurrentPost));
        }
        Ok(())
        // ANCHOR_END: step_9_5
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
        // ANCHOR: step_9_2
        if self.outbox.is_empty() || !self.take_get() {
            return None;
        }
        self.buffered = 0;
        Some(Output::AnswerGet(self.outbox.drain(..).collect()))
        // ANCHOR_END: step_9_2
    }

    /// Whether a GET waits. It waits no more.
    pub(crate) fn take_get(&mut self) -> bool {
        self.requests().is_ok_and(|requests| mem::take(&mut requests.get))
    }
}
