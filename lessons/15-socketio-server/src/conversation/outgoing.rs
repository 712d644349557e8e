//! What goes: what everybody asks for, and what the machine says.

use std::cell::Cell;
use std::collections::VecDeque;
use std::task::Context;
use std::{mem, slice};

use engineio_server::{CloseReason, Connection, SlowConsumer};
use socketio_packet::EncodedPacket;
use socketio_session::{DisconnectReason, NoAnswer, Output, SocketKey};

use super::Conversation;
use crate::Problem;
use crate::link::{Command, FEW, Question, Taken};
use crate::settings::RESERVE;

thread_local! {
    /// What a connection takes its commands into. One that sleeps needs no queue but its link's.
    static QUEUE: Cell<VecDeque<Command>> = const { Cell::new(VecDeque::new()) };
}

/// What the machine was given to send and has not said yet.
#[derive(Default)]
pub(super) struct Unsent {
    pub(super) messages: usize,
    pub(super) bytes: usize,
}

impl Unsent {
    /// With so much more.
    pub(super) fn and(&self, packets: &[EncodedPacket]) -> Self {
        let messages = packets.iter().map(EncodedPacket::message_count).sum::<usize>();
        let bytes = packets.iter().map(EncodedPacket::size).sum::<usize>();
        Self { messages: self.messages + messages, bytes: self.bytes + bytes }
    }

    /// What the machine says itself was not counted.
    fn remove(&mut self, messages: usize, bytes: usize) {
        self.messages = self.messages.saturating_sub(messages);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

impl Conversation {
    /// Does one thing that others, or handlers, asked for. Whether there was anything.
    pub(super) fn do_command(&mut self) -> bool {
        if self.commands.is_empty() {
            if self.commands.capacity() == 0 {
                self.commands = QUEUE.take();
            }
            match self.link.take(&mut self.commands) {
                Taken::Nothing => return false,
                Taken::Overflowed => self.overflow(),
                Taken::Commands => {}
            }
        }
        if let Some(command) = self.commands.pop_front() {
            self.obey(command);
        }
        true
    }

    /// Before the connection sleeps.
    pub(super) fn put_queue_back(&mut self) {
        let mut queue = mem::take(&mut self.commands);
        queue.clear(); // to begin at its front again, on lines that the CPU's cache has
        queue.shrink_to(FEW);
        QUEUE.set(queue);
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Send { key, packet } => {
                if self.passes(key, &packet) {
                    self.session.send(key, packet);
                }
            }
            Command::SendVolatile { key, packet } => {
                if self.may_leave_at_once(key) && self.passes(key, &packet) {
                    self.session.send(key, packet);
                }
            }
            Command::Call(question) => {
                let Question { key, id, packet, deadline, asker } = *question;
                let is_in_time = !asker.is_volatile() || self.may_leave_at_once(key);
                // At the end the machine tells who asks.
                if (is_in_time && self.passes(key, &packet)) || self.ending {
                    self.session.call(key, id, packet, deadline, asker);
                } else {
                    asker.hear(Err(NoAnswer::Dropped));
                }
            }
            Command::Disconnect { key } => self.session.disconnect(key),
            Command::Close => self.session.close(),
        }
    }

    /// Does what the machine says.
    pub(super) fn carry_out(&mut self, cx: &mut Context<'_>) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Send(packet) => self.send(packet),
                Output::Event(news) => self.deliver(news, cx),
                Output::Close(reason) => self.close(reason),
            }
        }
        self.unsent = Unsent::default();
    }

    /// Handlers of events that waited use up what tokio gives a task at a time, and to write takes some of that: what
    /// they sent in their last turn goes before the next.
    pub(super) fn let_answers_leave(&mut self, cx: &mut Context<'_>) {
        if self.pending > 0
            && let Some(connection) = &mut self.connection
        {
            let _ = connection.poll_ended(cx); // if it has, the next read tells
        }
    }

    /// Whether an event goes to the machine. Who overhears the socket hears it.
    fn passes(&mut self, key: SocketKey, packet: &EncodedPacket) -> bool {
        if !self.session.is_connected(key) {
            return true; // it sends nothing to who has left, and tells who asked
        }
        let passes = self.may_send(packet);
        if self.is_overheard && passes {
            let panicked = self.find(key).and_then(|index| self.slots[index].tell_outgoing(packet));
            panicked.inspect(|problem| self.shared.settings.report(problem));
        }
        passes
    }

    /// Whether a packet of the application's goes to the machine, which knows only of what is sent.
    pub(super) fn may_send(&mut self, packet: &EncodedPacket) -> bool {
        let unsent = self.unsent.and(slice::from_ref(packet));
        let fits = self.fits(unsent.messages, unsent.bytes + RESERVE);
        if fits {
            self.unsent = unsent;
        } else {
            self.shared.counters.drop_packet();
        }
        fits
    }

    /// What the application sends has been found to fit. What the machine says itself is never left out:
    /// both ends would disagree on who is where.
    fn send(&mut self, packet: EncodedPacket) {
        let (messages, bytes) = (packet.message_count(), packet.size());
        self.unsent.remove(messages, bytes);
        let Some(connection) = &mut self.connection else { return };
        if !connection.has_room(messages, bytes) {
            return self.overflow();
        }
        let compress = packet.wants_compression();
        packet.into_encoded_messages().for_each(|message| {
            // What ended the connection, the next read tells.
            let _ = match compress {
                true => connection.send(message),
                false => connection.send_uncompressed(message),
            };
        });
    }

    /// Holds what waits for the client below the limit, as the policy says: a packet goes with all its
    /// messages or not at all, since half a packet cannot be taken back.
    fn fits(&mut self, messages: usize, bytes: usize) -> bool {
        // TODO step 15.5, continued: see `Gate::pass` in src/gate.rs
        true
    }

    /// Whether what must not wait goes to the machine, which sends nothing to who has left.
    fn may_leave_at_once(&mut self, key: SocketKey) -> bool {
        let is_writable = self.unsent.messages == 0
            && self.connection.as_ref().is_some_and(Connection::is_writable);
        let may = is_writable || !self.session.is_connected(key);
        if !may {
            self.shared.counters.drop_packet();
        }
        may
    }

    fn overflow(&mut self) {
        let limit = self.shared.settings.max_buffered;
        self.fail(CloseReason::SlowConsumer { limit });
    }

    /// Ends the connection from here, because of what the client did or did not do.
    pub(super) fn fail(&mut self, reason: CloseReason) {
        self.link.close();
        self.ending = true;
        if self.connection.as_ref().is_none_or(|it| it.close_reason().is_some()) {
            return; // one end is enough
        }
        let problem = Problem::Closed { reason: DisconnectReason::Closed(reason.clone()) };
        self.shared.settings.report(&problem);
        self.session.handle_close(reason.clone());
        if let Some(connection) = &mut self.connection {
            connection.fail(reason);
        }
    }

    fn close(&mut self, reason: DisconnectReason) {
        self.ending = true;
        if let DisconnectReason::Violation(_) = reason {
            self.shared.settings.report(&Problem::Closed { reason });
        }
        if let Some(connection) = &mut self.connection {
            connection.close();
        }
    }
}
