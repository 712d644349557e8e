mod closing;
mod incoming;
mod opening;
mod polling;
mod sending;
mod state;
mod upgrade;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use engineio_packet::{Frame, Handshake, Sid, Transport};

use crate::{CloseReason, Config, Input, Output, UpgradeError};
use state::State;

/// For so many outputs and frames a session keeps room.
const FEW: usize = 16;

/// One session, from the server's `open` packet to its end.
#[derive(Debug)]
pub struct Session {
    config: Config,
    handshake: Handshake,
    state: State,
    transport: Transport,
    /// When a server that says nothing is given up.
    silence: Instant,
    /// What waits for a POST, or for the end of an upgrade.
    outbox: VecDeque<Frame>,
    buffered: usize,
    output: VecDeque<Output>,
}

impl Session {
    /// The session's id: a secret between the two ends.
    #[must_use]
    pub fn sid(&self) -> &Sid {
        &self.handshake.sid
    }

    /// What carries the packets now, or carried the last.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// Tells the session what happened. Once it has ended, nothing does.
    pub fn handle_input(&mut self, input: Input, now: Instant) {
        if matches!(self.state, State::Closed) {
            return;
        }
        match input {
            Input::PollAnswered(body) => self.poll_answered(&body, now),
            Input::PollFailed { problem } => self.poll_failed(problem),
            Input::PostAnswered => self.post_answered(now),
            Input::PostFailed { problem } => self.post_failed(problem),
            Input::WebSocketOpened => self.websocket_opened(),
            Input::Frame(frame) => self.frame(frame, now),
            Input::WebSocketClosed { problem } => self.websocket_closed(problem, now),
            Input::Close => self.close(now),
        }
    }

    /// Tells the session that it is later now. A call before [`Session::poll_timeout`] does nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        match self.state {
            State::Closed => {}
            State::Closing { deadline, .. } if now >= deadline => self.end(CloseReason::ByClient),
            _ if now >= self.silence => self.end(CloseReason::PingTimeout),
            State::Probing { deadline, .. } | State::Pausing { deadline, .. }
                if now >= deadline =>
            {
                let limit = self.config.upgrade_timeout;
                self.give_probe_up(UpgradeError::TimedOut { limit }, now);
            }
            _ => {}
        }
    }

    /// When [`Session::handle_timeout`] is to be called; `None` once the session has ended.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Closed => None,
            State::Probing { deadline, .. }
            | State::Pausing { deadline, .. }
            | State::Closing { deadline, .. } => Some(deadline.min(self.silence)),
            State::Polling(_) | State::WebSocket => Some(self.silence),
        }
    }

    /// What is to be done next, in order. Drain it before waiting: what waits for a POST is joined to
    /// one body when all else was taken.
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.output.pop_front().or_else(|| self.next_post());
        if output.is_none() {
            self.give_back();
        }
        output
    }

    /// How many bytes wait for a POST, or for the end of an upgrade.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffered
    }

    /// How many frames they are. Each takes room, however short it is.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.outbox.len()
    }

    /// A body of a megabyte may hold half a million packets: the room that they took is not kept.
    fn give_back(&mut self) {
        self.output.shrink_to(FEW);
        if self.outbox.is_empty() {
            self.outbox.shrink_to(FEW);
        }
    }
}

/// A duration that no clock can hold means: in a very long time.
fn later(now: Instant, after: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    now.checked_add(after).unwrap_or_else(|| now + CENTURY)
}
