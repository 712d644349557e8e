//! When there is a connection: the manager says, and this does it.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use engineio_client::{CloseReason, Connection};
use reconnection::{Dial, ManagerEvent, Output, State};
use socketio_packet::Reassembly;
use tracing::debug;

use super::{Dialled, Worker, now};
use crate::slot::Phase;
use crate::{ConnectError, DialError, DisconnectReason};

impl Worker {
    /// Does what the manager says. Whether it said anything.
    pub(super) fn obey(&mut self) -> bool {
        // ANCHOR: step_18_1
        let mut any = false;
        while let Some(output) = self.manager.poll_output() {
            any = true;
            match output {
                Output::Dial(dial) => self.dial(dial),
                Output::HangUp(dial) => self.hang_up(dial),
                Output::Event(event) => self.take_event(event),
            }
        }
        any
        // ANCHOR_END: step_18_1
    }

    pub(super) fn poll_dial(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some((dial, dialling)) = &mut self.dialling else { return Poll::Pending };
        let dialled = ready!(dialling.as_mut().poll(cx));
        let dial = *dial;
        self.dialling = None;
        self.dialled(dial, dialled);
        Poll::Ready(())
    }

    /// A dial has come to something.
    fn dialled(&mut self, dial: Dial, result: Dialled) {
        // ANCHOR: step_18_1_c
        match result {
            Ok(connection) => {
                self.connection = Some((dial, connection));
                self.manager.handle_opened(dial);
            }
            Err(error) => self.manager.handle_failed(dial, error, now(), rand::random()),
        }
        // ANCHOR_END: step_18_1_c
    }

    /// The connection has ended, from the other end or on the way.
    pub(super) fn connection_ended(&mut self) {
        let Some((dial, connection)) = self.connection.take() else { return };
        let reason = reason_of(connection.close_reason());
        self.part(connection);
        self.manager.handle_closed(dial, reason, now(), rand::random());
    }

    /// What came is no packet, or more than may wait: the connection is of no use any more.
    pub(super) fn give_up_connection(&mut self, reason: DisconnectReason) {
        let Some(dial) = self.open_dial() else { return };
        self.hang_up(dial);
        self.manager.handle_closed(dial, reason, now(), rand::random());
    }

    fn dial(&mut self, dial: Dial) {
        // ANCHOR: step_18_1_b
        let engine = self.shared.engine.clone();
        self.dialling = Some((dial, Box::pin(async move { engine.connect().await })));
        // ANCHOR_END: step_18_1_b
    }

    fn hang_up(&mut self, dial: Dial) {
        // ANCHOR: step_18_5
        if self.dialling.as_ref().is_some_and(|(under_way, _)| *under_way == dial) {
            self.dialling = None;
        }
        if let Some((_, mut connection)) = self.connection.take_if(|(open, _)| *open == dial) {
            connection.close();
            self.part(connection);
        }
        // ANCHOR_END: step_18_5
    }

    /// Lets a connection say goodbye, for which the next is not kept waiting.
    fn part(&mut self, mut connection: Connection) {
        self.parting.push(Box::pin(async move { while connection.next().await.is_some() {} }));
    }

    fn take_event(&mut self, event: ManagerEvent) {
        debug!(told = ?event.to_string(), "connection");
        match &event {
            ManagerEvent::Open => {
                self.reassembly = Reassembly::default();
                for slot in self.slots.iter_mut().filter(|slot| slot.is_wanted()) {
                    slot.begin();
                }
            }
            ManagerEvent::Error(error) => self.unreachable(error),
            ManagerEvent::Close(reason) => self.lost_all(*reason),
            _ => {}
        }
        let _ = self.shared.events.send(event); // maybe nobody listens
    }

    fn unreachable(&mut self, error: &DialError) {
        let error = ConnectError::Unreachable(error.clone());
        let goes_on = self.manager.state() != State::Closed;
        for slot in self.slots.iter_mut().filter(|slot| slot.is_wanted()) {
            slot.not_connected(&error);
            if !goes_on {
                slot.lost(DisconnectReason::TransportError, false);
            }
        }
    }

    fn lost_all(&mut self, reason: DisconnectReason) {
        let goes_on = self.manager.state() != State::Closed;
        for slot in self.slots.iter_mut().filter(|slot| !matches!(slot.phase, Phase::Idle)) {
            let wanted = slot.is_wanted() && goes_on;
            slot.lost(reason, wanted);
        }
    }

    /// The connection is of no use if no namespace is joined.
    pub(super) fn close_if_unused(&mut self) {
        if !self.slots.iter().any(|slot| slot.is_wanted()) {
            self.manager.close();
        }
    }

    /// A namespace is wanted: there has to be a connection.
    pub(super) fn open(&mut self, index: usize) {
        if self.is_open() {
            if let Phase::Waiting = self.slots[index].phase {
                self.slots[index].begin();
            }
        } else if self.manager.state() == State::Closed {
            self.manager.open(now());
        }
    }

    pub(super) fn slot_of(&mut self, peer: &Arc<crate::peer::Peer>) -> usize {
        if let Some(index) = self.slots.iter().position(|slot| Arc::ptr_eq(&slot.peer, peer)) {
            return index;
        }
        let config = &self.shared.settings.buffering;
        self.slots.push(crate::slot::Slot::new(Arc::clone(peer), config));
        self.slots.len() - 1
    }
}

/// In the words of the reference, of which there are fewer.
fn reason_of(closed: Option<&CloseReason>) -> DisconnectReason {
    // ANCHOR: step_18_4
    match closed {
        Some(CloseReason::PingTimeout) => DisconnectReason::PingTimeout,
        Some(CloseReason::ByServer | CloseReason::WebSocketClosed { .. }) => {
            DisconnectReason::TransportClose
        }
        _ => DisconnectReason::TransportError,
    }
    // ANCHOR_END: step_18_4
}
