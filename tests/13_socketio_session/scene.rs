//! A session, its client, and what they say.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use socketio_packet::{AckId, Args, EncodedPacket, Json, Message, Namespace, RawArgs};
use transcript::{Transcript, VirtualClock};

use super::super::subject::{
    AckToken, CloseReason, Config, DisconnectReason, Event, NoAnswer, Output, Refusal, Session,
    SocketId, SocketKey,
};

pub(super) struct Scene {
    pub(super) clock: VirtualClock,
    pub(super) transcript: Transcript,
    pub(super) session: Session<&'static str>,
    /// The lines of the transcript, without times.
    pub(super) said: Vec<String>,
    pub(super) tokens: Vec<AckToken>,
    pub(super) reasons: Vec<DisconnectReason>,
    /// The last socket in each namespace.
    keys: BTreeMap<String, SocketKey>,
    /// In which namespace each socket is.
    names: BTreeMap<SocketKey, String>,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self::of(Config::default())
    }

    pub(super) fn of(config: Config) -> Self {
        let clock = VirtualClock::new();
        Self {
            transcript: Transcript::timed_by(&clock, &["client", "server"]),
            session: Session::new(Arc::new(Json::default()), config, clock.now()),
            clock,
            said: Vec::new(),
            tokens: Vec::new(),
            reasons: Vec::new(),
            keys: BTreeMap::new(),
            names: BTreeMap::new(),
        }
    }

    /// A connection in these namespaces.
    pub(super) fn joined(namespaces: &[&str]) -> Self {
        let mut scene = Self::new();
        namespaces.iter().for_each(|nsp| scene.join(nsp));
        scene
    }

    pub(super) fn join(&mut self, nsp: &str) {
        self.client(&if nsp == "/" { "0".to_owned() } else { format!("0{nsp},") });
        self.accept(nsp);
    }

    /// The client says this.
    pub(super) fn client(&mut self, text: &str) {
        self.hear(Message::from(text));
    }

    pub(super) fn hear(&mut self, message: Message) {
        let shown = match &message {
            Message::Text(text) => text.to_string(),
            Message::Binary(bytes) => format!("{:02x?}", &bytes[..]),
        };
        self.transcript.message("client", "server", &shown);
        self.said.push(format!("client: {shown}"));
        self.session.handle_message(message);
        self.drain();
    }

    pub(super) fn accept(&mut self, nsp: &str) {
        let id = format!("id-{}", self.names.len()); // the number of the socket
        self.session.accept(self.key(nsp), &SocketId::from(&*id));
        self.drain();
    }

    pub(super) fn refuse(&mut self, nsp: &str, refusal: &Refusal) {
        self.session.refuse(self.key(nsp), refusal);
        self.drain();
    }

    pub(super) fn emit(&mut self, nsp: &str, name: &str, args: impl Into<Value>) {
        self.session.send(self.key(nsp), event(nsp, None, name, &args.into()));
        self.drain();
    }

    pub(super) fn call(&mut self, nsp: &str, id: u64, seconds: u64, asker: &'static str) {
        self.event(&format!("{asker} asks in {nsp}, and waits {seconds} s"));
        let packet = event(nsp, Some(AckId(id)), "how are you", &Value::from(asker));
        let deadline = self.clock.now() + Duration::from_secs(seconds);
        self.session.call(self.key(nsp), AckId(id), packet, deadline, asker);
        self.drain();
    }

    /// Answers the last question of the client.
    pub(super) fn answer(&mut self, nsp: &str, answer: impl Into<Value>) {
        let token = self.tokens.pop().expect("no event came that is to be answered");
        let answer: Value = answer.into();
        let packet =
            EncodedPacket::ack(&Json::default(), &Namespace::new(nsp), token.id(), &answer);
        self.session.answer(token, packet.expect("JSON"));
        self.drain();
    }

    pub(super) fn disconnect(&mut self, nsp: &str) {
        self.event(&format!("sends the client out of {nsp}"));
        self.session.disconnect(self.key(nsp));
        self.drain();
    }

    /// Lets time pass, and the session do what falls due on the way.
    pub(super) fn wait(&mut self, seconds: u64) {
        let until = self.clock.now() + Duration::from_secs(seconds);
        while let Some(due) = self.session.poll_timeout().filter(|due| *due <= until) {
            self.clock.advance(due - self.clock.now());
            self.session.handle_timeout(due);
            self.drain();
            let next = self.session.poll_timeout();
            assert!(next != Some(due), "after handle_timeout the same deadline is due again");
        }
        self.clock.advance(until - self.clock.now());
    }

    pub(super) fn timeout_in(&self) -> Option<Duration> {
        self.session.poll_timeout().map(|deadline| deadline - self.clock.now())
    }

    pub(super) fn is_connected(&self, nsp: &str) -> bool {
        self.session.is_connected(self.key(nsp))
    }

    pub(super) fn key(&self, nsp: &str) -> SocketKey {
        *self
            .keys
            .get(nsp)
            .unwrap_or_else(|| panic!("the application knows of no CONNECT to {nsp}"))
    }

    pub(super) fn last(&self) -> &str {
        self.said.last().expect("something was said")
    }

    pub(super) fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Send(packet) => {
                    let text = text(&packet);
                    self.transcript.message("server", "client", &text);
                    self.said.push(format!("server: {text}"));
                }
                Output::Event(event) => {
                    let shown = self.shown(event);
                    self.event(&shown);
                }
                Output::Close(reason) => self.event(&format!("closes: {reason}")),
            }
        }
    }

    /// Whatever is done, nothing comes of it, and nobody waits.
    pub(super) fn assert_is_over(&mut self) {
        let said = self.said.len();
        let now = self.clock.now();
        let keys: Vec<_> = self.names.keys().copied().collect();
        self.session.handle_message(Message::from("0/new,"));
        self.session.handle_message(Message::from("9"));
        self.session.handle_timeout(now + Duration::from_secs(1_000_000));
        for key in keys {
            self.session.accept(key, &SocketId::from("x"));
            self.session.refuse(key, &Refusal::from("no"));
            self.session.send(key, event("/", None, "a", &Value::Null));
            self.session.disconnect(key);
            assert!(!self.session.is_connected(key), "connected after the end");
        }
        for token in std::mem::take(&mut self.tokens) {
            self.session.answer(token, event("/", None, "a", &Value::Null));
        }
        self.session.close();
        self.session.shut_down();
        self.session.handle_close(CloseReason::ByClient);
        self.drain();
        assert_eq!(self.said[said..], [""; 0], "after the end");
        assert_eq!(self.session.poll_timeout(), None, "a deadline after the end");
        if let Some(key) = self.keys.values().next() {
            self.session.call(*key, AckId(0), event("/", None, "a", &Value::Null), now, "somebody");
            let (asker, why) = ("somebody", NoAnswer::Disconnected);
            let expected = Some(Output::Event(Event::Unanswered { asker, why }));
            assert_eq!(self.session.poll_output(), expected, "who asks after the end");
            assert_eq!(self.session.poll_timeout(), None, "a deadline after the end");
        }
    }

    fn event(&mut self, what: &str) {
        self.transcript.event("server", what);
        self.said.push(format!("event: {what}"));
    }

    fn shown(&mut self, event: Event<&'static str>) -> String {
        match event {
            Event::Connecting { key, nsp, .. } => {
                self.keys.insert(nsp.to_string(), key);
                self.names.insert(key, nsp.to_string());
                format!("is asked for {nsp}")
            }
            Event::Refused { nsp, refusal } => format!("has refused {nsp}: {refusal}"),
            Event::Received { key, name, args, ack } => {
                let id = ack.as_ref().map(|ack| format!(", to be answered as {}", ack.id()));
                self.tokens.extend(ack);
                format!("{name} in {}: {}{}", self.names[&key], array(args), id.unwrap_or_default())
            }
            Event::Answered { asker, args } => format!("{asker} hears {}", array(args)),
            Event::Unanswered { asker, why: NoAnswer::TimedOut } => {
                format!("{asker} hears no answer: time is over")
            }
            Event::Unanswered { asker, why: NoAnswer::Disconnected } => {
                format!("{asker} hears no answer: disconnected")
            }
            Event::Unanswered { asker, why: NoAnswer::Dropped } => {
                format!("{asker} hears no answer: the question was dropped")
            }
            Event::Left { key, reason } => {
                let shown = format!("the socket in {} is gone: {reason}", self.names[&key]);
                self.reasons.push(reason);
                shown
            }
        }
    }
}

pub(super) fn event(nsp: &str, ack: Option<AckId>, name: &str, args: &Value) -> EncodedPacket {
    EncodedPacket::event(&Json::default(), &Namespace::new(nsp), ack, name, args).expect("JSON")
}

/// A packet without attachments.
pub(super) fn text(packet: &EncodedPacket) -> String {
    match packet.messages().next() {
        Some(Message::Text(text)) => text.to_string(),
        other => panic!("expected a text, came {other:?}"),
    }
}

fn array(args: RawArgs) -> String {
    let Args(values): Args<Vec<Value>> = args.decode().expect("JSON");
    Value::from(values).to_string()
}
