use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, atomic::Ordering};
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use engineio_server::{CloseReason, Connection, SlowConsumer};
use serde::de::IgnoredAny;
use socketio_packet::{Args, EncodedPacket, Namespace as Name, RawArgs, RawData};
use socketio_session::{
    DisconnectReason, Event as News, NoAnswer, Output, Refusal, Session, SocketKey,
};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::answer::{Answer, Outcome};
use crate::asker::Asker;
use crate::gate::User;
use crate::handshake;
use crate::link::{Command, Link, Taken};
use crate::namespaces::Visit;
use crate::shared::Shared;
use crate::slot::{Admission, Admitted, Running, Slot, Work};
use crate::{Event, Extensions, Handshake, Problem};

/// One connection: its task. It owns the machine, and runs the handlers.
pub(crate) struct Conversation {
    shared: Arc<Shared>,
    /// Until it has ended.
    connection: Option<Connection>,
    session: Session<Asker>,
    slots: Vec<Slot>,
    /// How many bytes of events wait for a handler.
    pending: usize,
    link: Arc<Link>,
    /// Nobody comes in any more: the connection is to end, or has ended.
    ending: bool,
    /// The machine has something to send.
    unsent: bool,
    /// What was taken from the link, and is being done.
    commands: VecDeque<Command>,
    extensions: Arc<Extensions>,
    alarm: Option<Pin<Box<Sleep>>>,
}

/// Talks with a client until its connection has ended, and what came over it has been handled.
pub(crate) async fn converse(shared: Arc<Shared>, connection: Connection) {
    let mut conversation = Box::new(Conversation::new(shared, connection));
    poll_fn(|cx| conversation.poll(cx)).await;
}

impl Conversation {
    fn new(shared: Arc<Shared>, connection: Connection) -> Self {
        let settings = &shared.settings;
        let parser = Arc::clone(&settings.parser);
        let now = Instant::now().into_std();
        Self {
            session: Session::new(parser, settings.session.clone(), now),
            link: Arc::new(Link::new(settings.max_buffered, settings.slow_consumer)),
            connection: Some(connection),
            shared,
            slots: Vec::new(),
            pending: 0,
            ending: false,
            unsent: false,
            commands: VecDeque::new(),
            extensions: Arc::default(),
            alarm: None,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_slots(cx);
        loop {
            while self.take_commands() | self.carry_out(cx) {}
            self.slots.retain(|slot| !slot.is_over(self.ending));
            if self.connection.is_none() {
                return if self.slots.is_empty() { Poll::Ready(()) } else { Poll::Pending };
            }
            if self.poll_read(cx).is_ready() || self.poll_alarm(cx).is_ready() {
                continue;
            }
            // After the read, which is when what was sent leaves.
            let buffered = self.connection.as_ref().is_some_and(|it| it.buffered() > 0);
            if self.link.sleep(cx, buffered) {
                return Poll::Pending;
            }
        }
    }

    /// Does what others, and handlers, asked for. Whether there was anything.
    fn take_commands(&mut self) -> bool {
        match self.link.take(&mut self.commands) {
            Taken::Nothing => return false,
            Taken::Overflowed => self.overflow(),
            Taken::Commands => {}
        }
        while let Some(command) = self.commands.pop_front() {
            match command {
                Command::Send { key, packet } => {
                    self.session.send(key, packet);
                    self.unsent = true;
                }
                Command::SendVolatile { key, packet } => {
                    if self.is_writable() {
                        self.session.send(key, packet);
                        self.unsent = true;
                    }
                }
                Command::Call { key, id, packet, deadline, asker } => {
                    self.session.call(key, id, packet, deadline, asker);
                    self.unsent = true;
                }
                Command::Disconnect { key } => self.session.disconnect(key),
                Command::Close => self.session.close(),
            }
        }
        true
    }

    /// Does what the machine says. Whether it said anything.
    fn carry_out(&mut self, cx: &mut Context<'_>) -> bool {
        let mut any = false;
        while let Some(output) = self.session.poll_output() {
            any = true;
            match output {
                Output::Send(packet) => self.send(&packet),
                Output::Event(news) => self.deliver(news, cx),
                Output::Close(reason) => self.close(reason),
            }
        }
        self.unsent = false;
        any
    }

    fn send(&mut self, packet: &EncodedPacket) {
        let Some(connection) = &mut self.connection else { return };
        let messages = packet.encoded_messages();
        // All of it or nothing: half a packet cannot be taken back.
        if !connection.has_room(messages.size_hint().0, packet.size()) {
            return match self.shared.settings.slow_consumer {
                SlowConsumer::DropNewest => {}
                SlowConsumer::Disconnect => self.overflow(),
            };
        }
        for message in messages {
            // What ended the connection, the next read tells.
            let _ = connection.send(message);
        }
    }

    /// Whether what is sent now leaves at once.
    fn is_writable(&self) -> bool {
        !self.unsent && self.connection.as_ref().is_some_and(Connection::is_writable)
    }

    fn overflow(&mut self) {
        let limit = self.shared.settings.max_buffered;
        self.fail(CloseReason::SlowConsumer { limit });
    }

    /// Ends the connection from here, because of what the client did or did not do.
    fn fail(&mut self, reason: CloseReason) {
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

    fn deliver(&mut self, news: News<Asker>, cx: &mut Context<'_>) {
        match news {
            News::Connecting { key, nsp, auth } => self.begin(key, nsp, auth, cx),
            News::Received { key, name, args, ack } => {
                let Some(index) = self.find(key) else { return };
                self.work(index, Work::Event { event: Event { name, args }, ack }, cx);
            }
            News::Answered { asker, args } => self.answered(asker, args),
            News::Unanswered { asker, why } => asker.hear(Err(why)),
            News::Left { key, reason } => {
                let Some(index) = self.find(key) else { return };
                if let Some(panicked) = self.slots[index].leave(&reason) {
                    self.shared.settings.report(&panicked);
                }
                self.work(index, Work::Left { reason }, cx);
            }
        }
    }

    fn answered(&mut self, asker: Asker, args: RawArgs) {
        match args.clone().decode::<Args<IgnoredAny>>() {
            Ok(_) => asker.hear(Ok(args)),
            Err(error) => {
                asker.hear(Err(NoAnswer::Disconnected));
                self.session.handle_args_error(error);
            }
        }
    }

    /// A client asks to come in.
    fn begin(&mut self, key: SocketKey, nsp: Name, auth: Option<RawData>, cx: &mut Context<'_>) {
        let (Some(connection), false) = (&self.connection, self.ending) else { return };
        let visit = match self.visit(&nsp) {
            Ok(visit) => visit,
            Err(refusal) => return self.session.refuse(key, &refusal),
        };
        let handshake = Handshake(Arc::new(handshake::Inner {
            head: Arc::clone(connection.head()),
            nsp,
            auth,
            time: SystemTime::now(),
            extensions: Arc::clone(&self.extensions),
        }));
        let gate = visit.inner.gate();
        let open = gate.is_open();
        let index = self.slots.len();
        self.slots.push(Slot::new(key, visit, gate, handshake));
        if open {
            self.admit(index, Ok(Arc::new(())), cx);
        } else {
            self.poll_admission(index, cx);
        }
    }

    /// A dynamic namespace is built by the application, which may panic.
    fn visit(&self, nsp: &Name) -> Result<Visit, Refusal> {
        let Shared { namespaces, settings, .. } = &*self.shared;
        match catch_unwind(AssertUnwindSafe(|| namespaces.visit(nsp, settings))) {
            Ok(visit) => visit.ok_or_else(|| Refusal::new("Invalid namespace")),
            Err(_) => {
                settings.report(&Problem::Panicked { name: nsp.to_string() });
                Err(Refusal::new("internal error"))
            }
        }
    }

    fn poll_admission(&mut self, index: usize, cx: &mut Context<'_>) {
        if self.ending {
            return;
        }
        match self.slots[index].poll_admission(cx) {
            Admission::Pending | Admission::Over => {}
            Admission::Panicked(problem) => {
                self.shared.settings.report(&problem);
                self.admit(index, Err(Refusal::new("internal error")), cx);
            }
            Admission::Decided(user) => self.admit(index, user, cx),
        }
    }

    fn admit(&mut self, index: usize, user: Result<User, Refusal>, cx: &mut Context<'_>) {
        let key = self.slots[index].key;
        match user {
            Ok(user) => {
                let Admitted { id, starting } = self.slots[index].admit(user, &self.link);
                self.session.accept(key, &id);
                if let Some(running) = starting {
                    self.run(index, running, cx);
                }
            }
            Err(refusal) => {
                self.session.refuse(key, &refusal);
                self.slots.swap_remove(index);
            }
        }
    }

    /// Something is to be handled: now, if nothing is before it.
    fn work(&mut self, index: usize, work: Work, cx: &mut Context<'_>) {
        match self.slots[index].start(work) {
            Ok(Some(running)) => {
                self.run(index, running, cx);
                self.go_on(index, cx);
            }
            Ok(None) => {}
            Err(waiting) => {
                self.pending += waiting;
                let limit = self.shared.settings.max_pending.saturating_mul(2);
                if self.pending > limit {
                    self.fail(CloseReason::NotTaken { limit: limit as u64 });
                }
            }
        }
    }

    /// Begins what waited, as far as it may begin.
    fn go_on(&mut self, index: usize, cx: &mut Context<'_>) {
        while let Some((waited, running)) = self.slots[index].start_next() {
            self.pending -= waited;
            if let Some(running) = running {
                self.run(index, running, cx);
            }
        }
    }

    /// Polls a handler once, and keeps it if it is not done.
    fn run(&mut self, index: usize, mut running: Running, cx: &mut Context<'_>) {
        match running.poll(cx) {
            Poll::Ready(answer) => self.finish(running, answer),
            Poll::Pending => self.slots[index].keep(running),
        }
    }

    fn finish(&mut self, running: Running, answer: Result<Answer, Problem>) {
        // What the handler sent goes before its answer.
        self.take_commands();
        let answer = answer.unwrap_or_else(|panicked| {
            self.shared.settings.report(&panicked);
            running.failed()
        });
        match (answer.0, running.ack) {
            (Outcome::Handled(Some(packet)), Some(token)) => self.session.answer(token, packet),
            (Outcome::Handled(_), _) => {}
            (Outcome::Malformed(error), _) => self.session.handle_args_error(error),
        }
    }

    /// Polls what was not done when it was polled last.
    fn poll_slots(&mut self, cx: &mut Context<'_>) {
        let mut index = 0;
        while index < self.slots.len() {
            let key = self.slots[index].key;
            self.poll_admission(index, cx);
            while let Some((running, answer)) =
                self.slots.get_mut(index).and_then(|slot| slot.poll_running(cx))
            {
                self.finish(running, answer);
            }
            // A refused one has made place for another.
            if self.slots.get(index).is_some_and(|slot| slot.key == key) {
                self.go_on(index, cx);
                index += 1;
            }
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let may_read = self.may_read();
        let Some(connection) = &mut self.connection else { return Poll::Pending };
        if !may_read {
            // It is driven all the same. What it has heard before its end is taken later.
            let _ = connection.poll_ended(cx);
            return Poll::Pending;
        }
        match ready!(connection.poll_next(cx)) {
            Some(message) => self.session.handle_message(message),
            None => self.ended(),
        }
        Poll::Ready(())
    }

    /// Handlers that are behind stop the reading, except if what they wait for is to be read.
    fn may_read(&self) -> bool {
        self.pending < self.shared.settings.max_pending || self.session.awaits_answer()
    }

    fn ended(&mut self) {
        self.link.close();
        self.ending = true;
        let reason = self.connection.take().and_then(|it| it.close_reason().cloned());
        if self.shared.stopping.load(Ordering::Acquire) {
            self.session.shut_down();
        } else {
            self.session.handle_close(reason.unwrap_or(CloseReason::ByServer));
        }
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(due) = self.session.poll_timeout().map(Instant::from_std) else {
            self.alarm = None;
            return Poll::Pending;
        };
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if alarm.deadline() != due {
            alarm.as_mut().reset(due);
        }
        ready!(alarm.as_mut().poll(cx));
        self.session.handle_timeout(Instant::now().into_std());
        Poll::Ready(())
    }

    fn find(&self, key: SocketKey) -> Option<usize> {
        self.slots.iter().position(|slot| slot.key == key)
    }
}
