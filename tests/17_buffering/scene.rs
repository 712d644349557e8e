//! A client's side of one namespace, its application and its server, and what they say.

use std::time::Duration;

use socketio_packet::AckId;
use transcript::{Transcript, VirtualClock};

use super::super::subject::{Config, Mailroom, Output};

/// A packet is its text, and an event that came as well. An asker is its name.
pub(super) type Room = Mailroom<String, String, &'static str>;

pub(super) struct Scene {
    pub(super) clock: VirtualClock,
    pub(super) transcript: Transcript,
    pub(super) room: Room,
    /// The lines of the transcript, without times.
    pub(super) said: Vec<String>,
    asked: u64,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self::of(&Config::default())
    }

    pub(super) fn of(config: &Config) -> Self {
        let clock = VirtualClock::new();
        Self {
            transcript: Transcript::timed_by(&clock, &["client", "server"]),
            room: Mailroom::new(config),
            clock,
            said: Vec::new(),
            asked: 0,
        }
    }

    pub(super) fn connected(config: &Config) -> Self {
        let mut scene = Self::of(config);
        scene.connect();
        scene.said.clear();
        scene
    }

    pub(super) fn emit(&mut self, text: &str) {
        if !self.room.is_connected() {
            self.transcript.event("client", format!("has to send {text}"));
        }
        self.room.emit(text.to_owned(), text.len());
        self.drain();
    }

    pub(super) fn emit_volatile(&mut self, text: &str) {
        self.room.emit_volatile(text.to_owned());
        self.drain();
    }

    /// Somebody asks `2N["asker"]`, and waits.
    pub(super) fn call(&mut self, asker: &'static str, seconds: u64) -> AckId {
        let id = self.next_id();
        self.note(&format!("{asker} asks, and waits {seconds} s"));
        let (packet, deadline) = (question(id, asker), self.clock.now() + secs(seconds));
        let size = packet.len();
        self.room.call(id, packet, size, deadline, asker);
        self.drain();
        id
    }

    /// Somebody wants `2N["asker"]` to arrive, and waits so long each time.
    pub(super) fn retry(&mut self, asker: &'static str, seconds: u64) -> AckId {
        let id = self.next_id();
        let packet = question(id, asker);
        if !self.room.is_connected() {
            self.transcript.event("client", format!("has to send {packet} until it is answered"));
        }
        let size = packet.len();
        self.room.retry(id, packet, size, secs(seconds), asker, self.clock.now());
        self.drain();
        id
    }

    /// The server lets the client in.
    pub(super) fn connect(&mut self) {
        self.transcript.message("server", "client", r#"0{"sid":"…"}"#);
        self.room.handle_connect(self.clock.now());
        self.drain();
    }

    pub(super) fn lose(&mut self) {
        self.note(match self.room.is_connected() {
            true => "the connection breaks",
            false => "an attempt to connect fails",
        });
        self.room.handle_disconnect();
        self.drain();
    }

    /// An event comes from the server.
    pub(super) fn hear(&mut self, text: &str) {
        self.transcript.message("server", "client", text);
        let size = text.len();
        self.room.handle_event(text.to_owned(), size).expect("it has room");
        self.drain();
    }

    /// The server answers.
    pub(super) fn answer(&mut self, id: AckId) {
        self.transcript.message("server", "client", format!("3{id}[]"));
        match self.room.handle_ack(id, self.clock.now()) {
            Some(asker) => self.note(&format!("{asker} hears the answer")),
            None => self.note("nobody waits for it"),
        }
        self.drain();
    }

    /// Lets time pass, and the client do what falls due on the way.
    pub(super) fn wait(&mut self, seconds: u64) {
        let until = self.clock.now() + secs(seconds);
        while let Some(due) = self.room.poll_timeout().filter(|due| *due <= until) {
            self.clock.advance(due.saturating_duration_since(self.clock.now()));
            self.room.handle_timeout(self.clock.now());
            self.drain();
            let next = self.room.poll_timeout();
            assert!(
                next.is_none_or(|next| next > due),
                "after handle_timeout, poll_timeout gives the time that has come: a deadline was left standing"
            );
        }
        self.clock.advance(until - self.clock.now());
    }

    fn next_id(&mut self) -> AckId {
        self.asked += 1;
        AckId(self.asked - 1)
    }

    pub(super) fn note(&mut self, what: &str) {
        self.transcript.event("client", what);
        self.said.push(what.to_owned());
    }

    fn drain(&mut self) {
        while let Some(output) = self.room.poll_output() {
            match output {
                Output::Send(packet) => {
                    assert!(self.room.is_connected(), "sent, and `is_connected` says no: {packet}");
                    self.transcript.message("client", "server", &packet);
                    self.said.push(packet);
                }
                Output::Received(event) => self.note(&format!("hears {event}")),
                Output::Connected => self.note("is connected"),
                Output::Dropped { packet, why } => self.note(&format!("{why:?}: {packet}")),
                Output::Unanswered { asker, why } => self.note(&format!("{asker}: {why:?}")),
            }
        }
    }
}

pub(super) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn question(id: AckId, asker: &str) -> String {
    format!(r#"2{id}["{asker}"]"#)
}
