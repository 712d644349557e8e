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
        // TODO step 18.1: The manager says, and you do it
        //
        // The manager of lesson 16 knows when to dial, and cannot. The client's task has sockets,
        // and asks it. `obey` takes each `Output`, in order, to the method that does it: `dial`,
        // `hang_up`, `take_event`. It says whether there was any, since what is done may lead to
        // more.
        //
        // `dial` begins to dial: it leaves a future in `self.dialling`, with the number of the
        // dial, and does not wait for it; `self.shared.engine`, lesson 11's client, is what
        // connects. `dialled` is called when the future is done. A connection is kept in
        // `self.connection`; either way the manager is told, with the number, so that it knows a
        // late one. A failure makes it wait: it needs the time and a random number, `now()` and
        // `rand::random()`.
        //
        // Stuck? cargo course hint 18.1
        todo!("step 18.1: The manager says, and you do it (cargo course hint 18.1)")
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
        // TODO step 18.1, continued: see `Worker::obey` in src/worker/dialling.rs
        todo!("step 18.1: The manager says, and you do it (cargo course hint 18.1)")
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
        // TODO step 18.1, continued: see `Worker::obey` in src/worker/dialling.rs
        todo!("step 18.1: The manager says, and you do it (cargo course hint 18.1)")
    }

    fn hang_up(&mut self, dial: Dial) {
        // TODO step 18.5: Leave, close, be gone
        //
        // `hang_up` ends what the manager does not want any more: a dial with this number is
        // forgotten; a connection is closed and parted with, so that what was sent still leaves
        // (`part`).
        //
        // `leave` leaves one namespace. If it is connected, `say_goodbye`, and it is `lost`. If the
        // server was asked and has not said yes, a goodbye would be an error over which it ends the
        // connection for all: `leave_later`. Otherwise there is nobody to say goodbye to.
        // `take_late_reply` is called when the reply comes after all: the phase is `Waiting` if the
        // socket is wanted `again`, else `Idle`; a yes is answered with a goodbye, and then it
        // begins anew, if it is wanted.
        //
        // `may_read` stops the reading when handlers are `max_pending` bytes behind, unless a call
        // awaits its answer: that is still to be read. `abandon` is called when the last handle is
        // dropped. It sets `abandoned` and wakes the task, which ends. (Socket.IO protocol,
        // "Disconnection from a namespace")
        //
        // Stuck? cargo course hint 18.5
        ()
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
    // TODO step 18.4: The connection breaks
    //
    // `reason_of` says in the reference's words how a connection ended: by a `ping timeout`; by a
    // `transport close`, if the server said goodbye or the WebSocket ended; anything else is a
    // `transport error`. The manager decides by it whether to dial again.
    //
    // `lost` is for each namespace: if it is `wanted` it waits to be connected again, else it is
    // idle, and the state says so. The mailroom fails the calls that are under way, and keeps what
    // waits. Handlers go on, but nobody waits for their answers any more: `forget_askers`.
    // `on_disconnect` is told (`Work::Left`), but only if the socket *was* connected. Whoever still
    // waits for `connect()` hears of it if there is nothing more to wait for.
    //
    // A server that remembers gives a `pid` with its yes, and an offset behind the arguments of
    // each event. `split` takes the offset off: the last argument, if it is text. `with_recovery`
    // shows both when the socket comes back, beside what the application shows; what that says
    // wins. If there is no `pid`, nothing is added. (Socket.IO, "Connection state recovery")
    //
    // Stuck? cargo course hint 18.4
    todo!("step 18.4: The connection breaks (cargo course hint 18.4)")
}
