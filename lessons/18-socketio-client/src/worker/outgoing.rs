//! What goes to the server, and to the application.

use std::task::{Context, Poll};

use buffering::{Dropped, NoAnswer, Output};
use serde_json::Value;
use socketio_packet::{EncodedPacket, Outgoing};
use socketio_server::handling::Outcome;

use super::{Worker, now};
use crate::asker::hear;
use crate::link::Command;
use crate::slot::Phase;
use crate::{Answer, ConnectError, DisconnectReason, Problem};

impl Worker {
    /// Does what the handles ask for. Whether they asked for anything.
    pub(super) fn take_commands(&mut self) -> bool {
        let commands = self.shared.link.take();
        let any = !commands.is_empty();
        for command in commands {
            self.carry_out(command);
        }
        any
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Open { peer, opened } => {
                let index = self.slot_of(&peer);
                let was_wanted = self.slots[index].is_wanted();
                self.slots[index].want(opened);
                if !was_wanted {
                    self.open(index);
                }
            }
            Command::Emit { peer, packet } => {
                let index = self.slot_of(&peer);
                let size = packet.size();
                self.slots[index].mailroom.emit(packet, size);
            }
            Command::EmitVolatile { peer, packet } => {
                let index = self.slot_of(&peer);
                let writable = self.takes_more();
                let mailroom = &mut self.slots[index].mailroom;
                mailroom.handle_writable(writable);
                mailroom.emit_volatile(packet);
            }
            Command::Call { peer, id, packet, deadline, asker } => {
                let index = self.slot_of(&peer);
                let size = packet.size();
                self.slots[index].mailroom.call(id, packet, size, deadline, asker);
            }
            Command::Retry { peer, id, packet, timeout, asker } => {
                let index = self.slot_of(&peer);
                let size = packet.size();
                self.slots[index].mailroom.retry(id, packet, size, timeout, asker, now());
            }
            Command::Disconnect { peer } => {
                let index = self.slot_of(&peer);
                self.leave(index);
                self.close_if_unused();
            }
            Command::Close { closed } => {
                (0..self.slots.len()).for_each(|index| self.leave(index));
                self.manager.close();
                self.closed.push((self.open_dial(), closed));
            }
        }
    }

    /// Whether the transport has nothing to do: all that was said before is counted.
    fn takes_more(&mut self) -> bool {
        for index in 0..self.slots.len() {
            self.poll_mailroom(index);
        }
        self.connection.as_ref().is_some_and(|(_, it)| it.buffered() == 0)
    }

    /// Leaves a namespace.
    fn leave(&mut self, index: usize) {
        if !self.slots[index].is_wanted() {
            return;
        }
        self.poll_mailroom(index); // what was sent before goes before
        // TODO step 18.5, continued: see `Worker::hang_up` in src/worker/dialling.rs
        ()
    }

    pub(super) fn say_goodbye(&mut self, index: usize) {
        let nsp = self.slots[index].peer.nsp.clone();
        self.send_own(&Outgoing::Disconnect { nsp: &nsp });
    }

    /// Lets each namespace go on. Whether any did.
    pub(super) fn poll_slots(&mut self, cx: &mut Context<'_>) -> bool {
        let mut any = false;
        for index in 0..self.slots.len() {
            any |= self.poll_asking(index, cx);
            any |= self.poll_mailroom(index);
            any |= self.poll_handlers(index, cx);
        }
        any
    }

    fn poll_asking(&mut self, index: usize, cx: &mut Context<'_>) -> bool {
        let slot = &mut self.slots[index];
        match slot.poll_asking(cx) {
            Poll::Pending => false,
            Poll::Ready(Ok(data)) => {
                let nsp = slot.peer.nsp.clone();
                let data = data.as_ref().map(|data: &Value| data as _);
                self.send_own(&Outgoing::Connect { nsp: &nsp, data });
                true
            }
            Poll::Ready(Err(problem)) => {
                self.shared.report(&problem);
                let refusal = socketio_session::Refusal::new(problem.to_string());
                slot.not_connected(&ConnectError::Refused(refusal));
                slot.lost(DisconnectReason::ByClient, false);
                self.close_if_unused();
                true
            }
        }
    }

    fn poll_mailroom(&mut self, index: usize) -> bool {
        let mut any = false;
        while let Some(output) = self.slots[index].mailroom.poll_output() {
            any = true;
            match output {
                Output::Send(packet) => self.send(&packet),
                Output::Received(received) => {
                    self.slots[index].received(received);
                    self.refuse_a_flood();
                }
                Output::Connected => self.slots[index].is_through(),
                Output::Dropped { why: Dropped::Volatile, .. } => {} // as it was told to
                Output::Dropped { why, .. } => self.shared.report(&Problem::Dropped(why)),
                // It was dropped, which has been told.
                Output::Unanswered { asker: None, why: NoAnswer::Dropped } => {}
                Output::Unanswered { asker: None, why } => {
                    self.shared.report(&Problem::GivenUp(why));
                }
                Output::Unanswered { asker, why } => hear(asker, Err(why)),
            }
        }
        any
    }

    fn poll_handlers(&mut self, index: usize, cx: &mut Context<'_>) -> bool {
        let mut any = false;
        while self.slots[index].is_busy() {
            let client = self.client.upgrade();
            match self.slots[index].poll_running(client.as_ref(), cx) {
                Poll::Pending => break,
                Poll::Ready(Ok(answer)) => self.answer(answer),
                Poll::Ready(Err(problem)) => self.shared.report(&problem),
            }
            any = true;
        }
        any
    }

    /// Tells the server what became of its event, if it waits for that.
    fn answer(&mut self, answer: Answer) {
        // TODO step 18.3, continued: see `Handlers::take` in src/handlers.rs
        ()
    }

    fn send_own(&mut self, packet: &Outgoing<'_>) {
        match self.shared.settings.parser.encode(packet) {
            Ok(packet) => self.send(&packet),
            Err(error) => {
                self.shared.report(&Problem::Encode { name: "connect".to_owned(), error });
            }
        }
    }

    /// A packet goes with all its messages or not at all.
    fn send(&mut self, packet: &EncodedPacket) {
        let Some((_, connection)) = &mut self.connection else { return };
        let limit = self.shared.settings.max_buffered;
        if connection.buffered() + packet.size() > limit {
            return self
                .shared
                .report(&Problem::NotSent(engineio_client::SendError::Full { limit }));
        }
        for (index, message) in packet.encoded_messages().enumerate() {
            if let Err(error) = connection.send(message) {
                self.shared.report(&Problem::NotSent(error));
                if index > 0 {
                    // Half a packet cannot be taken back.
                    self.give_up_connection(DisconnectReason::TransportError);
                }
                return;
            }
        }
    }
}
