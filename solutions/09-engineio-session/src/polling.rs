//! GET and POST: the requests of a session that polls.

use std::time::Instant;

use engineio_packet::{ByteString, Packet, payload};

use crate::{
    CloseReason, Output, Rejected, Session,
    state::{Probe, Requests, State},
};

impl Session {
    pub(crate) fn get(&mut self) -> Result<(), Rejected> {
        let requests = self.requests()?;
        if requests.get {
            return Err(self.fail(CloseReason::ConcurrentGet));
        }
        requests.get = true;
        if matches!(self.state, State::Closing { .. }) {
            self.end(CloseReason::ByServer);
        }
        Ok(())
    }

    pub(crate) fn get_cancelled(&mut self) -> Result<(), Rejected> {
        self.requests()?.get = false;
        Err(self.fail(CloseReason::RequestCancelled))
    }

    pub(crate) fn post_began(&mut self) -> Result<(), Rejected> {
        let requests = self.requests()?;
        if requests.post {
            return Err(self.fail(CloseReason::ConcurrentPost));
        }
        requests.post = true;
        Ok(())
    }

    pub(crate) fn post(&mut self, body: &ByteString, now: Instant) -> Result<(), Rejected> {
        self.requests()?.post = false;
        for frame in payload::decode(body) {
            self.packet(frame, now)?;
            if matches!(self.state, State::Closed) {
                break;
            }
        }
        Ok(())
    }

    pub(crate) fn post_cancelled(&mut self) -> Result<(), Rejected> {
        self.requests()?.post = false;
        Err(self.fail(CloseReason::RequestCancelled))
    }

    pub(crate) fn post_refused(&mut self) -> Result<(), Rejected> {
        self.requests()?.post = false;
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
    /// the end of its GET, so it gets an answer at once.
    pub(crate) fn answer_get(&mut self) -> Option<Output> {
        let hurry =
            matches!(self.state, State::Upgrading { probe: Probe::AwaitingUpgrade { .. }, .. });
        let requests = self.requests().ok()?;
        if !requests.get || (self.outbox.is_empty() && !hurry) {
            return None;
        }
        self.requests().ok()?.get = false;
        self.buffered = 0;
        if self.outbox.is_empty() {
            self.outbox.push_back(Packet::Noop.encode());
        }
        Some(Output::AnswerGet(self.outbox.drain(..).collect()))
    }
}
