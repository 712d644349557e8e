//! What is done with what came: clients come in, handlers run, sockets leave.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use engineio_server::CloseReason;
use serde::de::IgnoredAny;
use socketio_packet::{Args, EncodedPacket, Namespace as Name, RawArgs, RawData};
use socketio_session::{AckToken, Event as News, Refusal, SocketKey};
use tokio::task::coop::poll_proceed;
use tracing::debug;

use super::{Conversation, Unsent};
use crate::answer::{Answer, Outcome};
use crate::asker::Asker;
use crate::gate::User;
use crate::handshake;
use crate::namespaces::Visit;
use crate::problem::SENTENCE;
use crate::running::Running;
use crate::settings::RESERVE;
use crate::shared::Shared;
use crate::slot::{Admission, Admitted, Slot, Work};
use crate::{Event, Handshake, Problem};

impl Conversation {
    pub(super) fn deliver(&mut self, news: News<Asker>, cx: &mut Context<'_>) {
        match news {
            News::Connecting { key, nsp, auth } => self.begin(key, nsp, auth, cx),
            News::Refused { nsp, refusal } => self.tell_refused(Some(&nsp), &refusal),
            News::Received { key, name, args, ack } => {
                let Some(index) = self.find(key) else { return };
                self.work(index, Work::Event { event: Event { name, args }, ack }, cx);
            }
            News::Answered { asker, args } => self.answered(asker, args),
            News::Unanswered { asker, why } => asker.hear(Err(why)),
            News::Left { key, reason } => {
                let Some(index) = self.find(key) else { return };
                if let Some(panicked) = self.slots[index].end(&reason) {
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
                drop(asker); // whoever asks hears that nobody answers any more
                self.session.handle_args_error(error);
            }
        }
    }

    /// A client asks to come in.
    fn begin(&mut self, key: SocketKey, nsp: Name, auth: Option<RawData>, cx: &mut Context<'_>) {
        let (Some(connection), false) = (&self.connection, self.ending) else { return };
        if let Err(refusal) = self.refuse_much(handshake::size(&nsp, auth.as_ref())) {
            return self.refuse(key, Some(&nsp), &refusal);
        }
        let visit = match self.visit(&nsp) {
            Ok(visit) => visit,
            Err(refusal) => return self.refuse(key, Some(&nsp), &refusal),
        };
        let handshake = Handshake(Arc::new(handshake::Inner {
            head: Arc::clone(connection.head()),
            nsp,
            auth: auth.as_ref().map(RawData::detached), // it stays as long as its socket
            time: SystemTime::now(),
            extensions: Arc::clone(&self.extensions),
        }));
        // First the handlers: they may count on the gate.
        let handlers = visit.inner.handlers();
        let gate = visit.inner.gate();
        let open = gate.is_open();
        let index = self.slots.len();
        self.slots.push(Slot::new(key, visit, handlers, gate, handshake));
        if open {
            self.admit(index, Ok(Arc::new(())), cx);
        } else {
            self.poll_admission(index, cx);
        }
    }

    /// Names and `auth` are kept as long as their sockets. A hundred of them hold no more than one may.
    fn refuse_much(&self, more: usize) -> Result<(), Refusal> {
        let limit = self.shared.settings.max_payload;
        let kept: usize = self.slots.iter().map(Slot::size).sum();
        if kept == 0 || kept + more <= limit {
            return Ok(());
        }
        Err(Refusal::new(format!(
            "expected at most {limit} bytes of namespaces and auth on a connection (max_payload), came more"
        )))
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
        if !self.session.is_connecting(key) {
            return; // the session has ended meanwhile; the slot goes with it
        }
        match user {
            Ok(user) => {
                let (connection, unsent) = (self.connection.as_ref(), &self.unsent);
                let has_room = |missed: &[EncodedPacket]| {
                    let Unsent { messages, bytes } = unsent.and(missed);
                    connection.is_some_and(|it| it.has_room(messages, bytes + RESERVE))
                };
                let admitted = self.slots[index].admit(user, &self.link, has_room);
                let Admitted { peer, missed, starting } = admitted;
                self.unsent = self.unsent.and(&missed);
                self.shared.counters.join();
                debug!(nsp = ?peer.nsp.name.beginning(), socket = %peer.id, recovered = peer.recovered, "joined");
                self.is_overheard |= self.slots[index].is_overheard();
                match &peer.pid {
                    Some(pid) => self.session.accept_recoverable(key, &peer.id, pid, missed),
                    None => self.session.accept(key, &peer.id),
                }
                if let Some(running) = starting {
                    self.run(index, running, cx);
                }
            }
            Err(refusal) => {
                let nsp = self.slots[index].handshake().map(|it| it.nsp().clone());
                self.refuse(key, nsp.as_ref(), &refusal);
                self.slots.swap_remove(index);
            }
        }
    }

    fn refuse(&mut self, key: SocketKey, nsp: Option<&Name>, refusal: &Refusal) {
        self.tell_refused(nsp, refusal);
        self.session.refuse(key, refusal);
    }

    fn tell_refused(&self, nsp: Option<&Name>, refusal: &Refusal) {
        self.shared.counters.refuse();
        let why = || refusal.message.chars().take(SENTENCE).collect::<String>();
        debug!(nsp = nsp.map(Name::beginning), why = ?why(), "refused");
    }

    /// Something is to be handled: now, if nothing is before it.
    fn work(&mut self, index: usize, work: Work, cx: &mut Context<'_>) {
        match self.slots[index].start(work) {
            Ok(Some(running)) => {
                self.run(index, running, cx);
            }
            Ok(None) => {}
            Err(waiting) => {
                self.pending += waiting;
                // While an answer is awaited, reading goes on; but not without end.
                let limit = self.shared.settings.max_pending.saturating_mul(2);
                if self.pending > limit && self.awaits_answer() {
                    self.fail(CloseReason::NotTaken { limit: limit as u64 });
                }
            }
        }
    }

    /// Begins what waited, as far as it may begin. Ten thousand may have waited: other connections have their
    /// turn between them.
    fn go_on(&mut self, index: usize, cx: &mut Context<'_>) {
        while let Poll::Ready(turn) = poll_proceed(cx)
            && let Some((waited, running)) = self.slots[index].start_next()
        {
            turn.made_progress();
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
        while self.do_command() {}
        let answer = answer.unwrap_or_else(|panicked| {
            self.shared.settings.report(&panicked);
            running.failed()
        });
        // An answer may be left out as an event may; who has left gets none.
        let has_left = !self.session.is_connected(running.peer.key);
        if has_left || answer.packet().is_none_or(|packet| self.may_send(packet)) {
            self.answer(answer, running.ack);
        }
    }

    /// Tells the client what became of its event, if it waits for that.
    fn answer(&mut self, answer: Answer, token: Option<AckToken>) {
        // TODO step 15.3, continued: see `IntoAnswer::into_answer` in src/answer.rs
        ()
    }

    /// Polls what was not done when it was polled last.
    pub(super) fn poll_slots(&mut self, cx: &mut Context<'_>) {
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

    pub(super) fn find(&self, key: SocketKey) -> Option<usize> {
        self.slots.iter().position(|slot| slot.key == key)
    }
}
