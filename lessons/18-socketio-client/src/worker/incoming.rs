//! What comes from the server.

use std::task::{Context, Poll};

use engineio_client::Event;
use serde::Deserialize;
use socketio_packet::{Message, Namespace, Packet, RawData};
use socketio_session::{Refusal, SocketId};

use super::{Worker, now};
use crate::asker::hear;
use crate::slot::{Phase, Received};
use crate::{ConnectError, DisconnectReason, Problem};

/// What the server says with its yes.
#[derive(Deserialize)]
struct Welcome {
    sid: SocketId,
    pid: Option<String>,
}

impl Worker {
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let may_read = self.may_read();
        let Some((_, connection)) = &mut self.connection else { return Poll::Pending };
        if !may_read {
            // Pings are answered all the same. That it has ended is heard in its turn, behind what came before.
            let _ = connection.poll_closed(cx);
            return Poll::Pending;
        }
        match connection.poll_next_event(cx) {
            Poll::Ready(Some(Event::Message(message))) => self.take_message(message),
            Poll::Ready(Some(_)) => {}
            Poll::Ready(None) => self.connection_ended(),
            // All that came was taken, and it only says goodbye.
            Poll::Pending if connection.close_reason().is_some() => self.connection_ended(),
            Poll::Pending => return Poll::Pending,
        }
        Poll::Ready(())
    }

    /// Handlers that are behind stop the reading, except if what they wait for is to be read.
    fn may_read(&self) -> bool {
        // TODO step 18.5, continued: see `Worker::hang_up` in src/worker/dialling.rs
        true
    }

    /// How many bytes of events wait for handlers.
    fn pending(&self) -> usize {
        self.slots.iter().map(|slot| slot.pending).sum()
    }

    fn awaits_answer(&self) -> bool {
        self.slots.iter().any(|slot| slot.mailroom.awaits_answer())
    }

    /// Reading goes on while a call awaits its answer, but not for ever.
    pub(super) fn refuse_a_flood(&mut self) {
        let limit = self.shared.settings.max_pending.saturating_mul(2);
        if self.connection.is_some() && self.pending() > limit && self.awaits_answer() {
            self.shared.report(&Problem::TooMuchPending { limit });
            self.give_up_connection(DisconnectReason::TransportError);
        }
    }

    fn take_message(&mut self, message: Message) {
        match self.shared.settings.parser.decode(message, &mut self.reassembly) {
            Ok(Some(packet)) => self.take_packet(packet),
            Ok(None) => {}
            Err(error) => {
                self.shared.report(&Problem::Malformed(error));
                self.give_up_connection(DisconnectReason::ParseError);
            }
        }
    }

    fn take_packet(&mut self, packet: Packet) {
        // What comes for a namespace that we left, or never joined, is ignored.
        let Some(index) = self.find(packet.nsp()) else { return };
        let slot = &mut self.slots[index];
        if let Phase::Leaving { .. } = slot.phase {
            return self.take_late_reply(index, &packet);
        }
        match packet {
            Packet::Connect { data, .. } => self.take_connect(index, data),
            Packet::ConnectError { data, .. } => self.take_refusal(index, &data),
            Packet::Event { name, args, ack, .. } => {
                let event = socketio_server::Event { name, args };
                // Only what is counted is kept.
                let event = if slot.would_wait() { event.detached() } else { event };
                let received = Received { event, ack, is_late: false };
                let size = received.size();
                if let Err(flood) = slot.mailroom.handle_event(received, size) {
                    self.shared.report(&Problem::EarlyFlood(flood));
                    self.give_up_connection(DisconnectReason::TransportError);
                }
            }
            Packet::Ack { id, args, .. } => {
                if let Some(asker) = slot.mailroom.handle_ack(id, now()) {
                    hear(asker, Ok(args));
                }
            }
            Packet::Disconnect { .. } => {
                // Before its yes it means the last time that we were here.
                if let Phase::Connected = slot.phase {
                    slot.lost(DisconnectReason::ByServer, false);
                    self.close_if_unused();
                }
            }
        }
    }

    /// The reply came for which we waited to leave.
    fn take_late_reply(&mut self, index: usize, packet: &Packet) {
        let slot = &mut self.slots[index];
        let Phase::Leaving { again } = slot.phase else { return };
        let was_accepted = match packet {
            Packet::Connect { .. } => true,
            Packet::ConnectError { .. } => false,
            _ => return,
        };
        // TODO step 18.5, continued: see `Worker::hang_up` in src/worker/dialling.rs
        ()
    }

    fn take_connect(&mut self, index: usize, data: Option<RawData>) {
        let slot = &mut self.slots[index];
        let Phase::Asked = slot.phase else { return };
        match data.map(|data| data.decode::<Welcome>()) {
            Some(Ok(Welcome { sid, pid })) => slot.connected(sid, pid, now()),
            _ => {
                let words =
                    "expected {\"sid\":…} with the server's yes; does it speak Socket.IO v5?";
                slot.not_connected(&ConnectError::Refused(Refusal::new(words)));
                slot.lost(DisconnectReason::ParseError, false);
                self.close_if_unused();
            }
        }
    }

    fn take_refusal(&mut self, index: usize, data: &RawData) {
        let slot = &mut self.slots[index];
        let Phase::Asked = slot.phase else { return };
        let refusal =
            data.decode::<Refusal>().or_else(|_| data.decode::<String>().map(Refusal::new));
        let refusal = refusal.unwrap_or_else(|_| Refusal::new("refused"));
        slot.not_connected(&ConnectError::Refused(refusal));
        slot.lost(DisconnectReason::ByServer, false);
        self.close_if_unused();
    }

    fn find(&self, nsp: &Namespace) -> Option<usize> {
        let mut slots = self.slots.iter();
        slots.position(|slot| {
            slot.peer.nsp == *nsp
                && matches!(slot.phase, Phase::Asked | Phase::Connected | Phase::Leaving { .. })
        })
    }
}
