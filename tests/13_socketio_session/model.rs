//! A naive connection: all that ever was is kept in lists, and looked for in them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use socketio_packet::{AckId, EncodedPacket, Json, Message, Namespace};

use super::super::subject::{
    AckToken, CloseReason, Config, Event, NoAnswer, Output, Refusal, Session, SocketId, SocketKey,
};
use super::scene::text;

const MOST: usize = 3;

/// What may happen to a connection. A number says which of the sockets, the eldest first.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Connect(&'static str),
    Event(&'static str),
    Ack(&'static str, u64),
    Disconnect(&'static str),
    Garbage,
    WeAccept(usize),
    WeRefuse(usize),
    WeSend(usize),
    WeCall { socket: usize, id: u64, seconds: u64 },
    WeAnswer,
    WeDisconnect(usize),
    WeClose,
    WeShutDown,
    TimePasses(u64),
    ConnectionEnds,
}

pub(super) fn act() -> impl Strategy<Value = Act> {
    let nsp = || prop::sample::select(vec!["/", "/a", "/b", "/c"]);
    let id = || 0..4_u64;
    prop_oneof![
        8 => nsp().prop_map(Act::Connect),
        12 => (0..8_usize).prop_map(Act::WeAccept),
        2 => (0..8_usize).prop_map(Act::WeRefuse),
        2 => nsp().prop_map(Act::Event),
        4 => (nsp(), id()).prop_map(|(nsp, id)| Act::Ack(nsp, id)),
        2 => nsp().prop_map(Act::Disconnect),
        12 => (0..8_usize, id(), 0..20_u64)
            .prop_map(|(socket, id, seconds)| Act::WeCall { socket, id, seconds }),
        3 => (0..8_usize).prop_map(Act::WeSend),
        3 => Just(Act::WeAnswer),
        4 => (0..8_usize).prop_map(Act::WeDisconnect),
        4 => (0..10_u64).prop_map(Act::TimePasses),
        1 => prop::sample::select(vec![
            Act::Garbage, Act::WeClose, Act::WeShutDown, Act::ConnectionEnds,
        ]),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Asks,
    In,
    /// We sent it away, and its client has said nothing yet that shows that it knows.
    Out,
    Gone,
}

struct Socket {
    key: Option<SocketKey>,
    nsp: &'static str,
    state: State,
    has_left: bool,
    heard_left: usize,
}

struct Asker {
    socket: usize,
    id: u64,
    deadline: Instant,
    /// What it must have heard.
    expected: Option<&'static str>,
    heard: Vec<&'static str>,
}

pub(super) struct Model {
    session: Session<usize>,
    now: Instant,
    connect_deadline: Option<Instant>,
    sockets: Vec<Socket>,
    askers: Vec<Asker>,
    tokens: Vec<AckToken>,
    token_sockets: Vec<usize>,
    is_over: bool,
    closes: usize,
    heard_closes: usize,
    sent: Vec<String>,
    heard: Vec<String>,
    refused: Vec<String>,
    heard_refused: Vec<String>,
}

impl Model {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        let config = Config { max_namespaces: MOST, ..Config::default() };
        Self {
            connect_deadline: Some(now + config.connect_timeout),
            session: Session::new(Arc::new(Json::default()), config, now),
            now,
            sockets: vec![],
            askers: vec![],
            tokens: vec![],
            token_sockets: vec![],
            is_over: false,
            closes: 0,
            heard_closes: 0,
            sent: vec![],
            heard: vec![],
            refused: vec![],
            heard_refused: vec![],
        }
    }

    /// Whether this would end the connection. Most sequences are polite, or they would be short.
    pub(super) fn ends_with(&self, act: &Act) -> bool {
        let is_in = |socket| self.is(socket, State::In);
        let is_out = |socket| self.is(socket, State::Out);
        match act {
            Act::Connect(nsp) => !self.find(nsp).is_none_or(is_out),
            Act::Event(nsp) | Act::Ack(nsp, _) | Act::Disconnect(nsp) => {
                !self.find(nsp).is_some_and(|socket| is_in(socket) || is_out(socket))
            }
            Act::Garbage | Act::WeClose | Act::WeShutDown | Act::ConnectionEnds => true,
            _ => false,
        }
    }

    pub(super) fn perform(&mut self, act: Act) {
        match act {
            Act::Connect(nsp) => {
                self.hears("0", nsp, "");
                self.connect(nsp);
                self.drain(); // it says the key
            }
            Act::Event(nsp) => {
                self.hears("2", nsp, r#"7["a"]"#);
                let speaker = self.speaker(nsp);
                self.token_sockets.extend(speaker);
            }
            Act::Ack(nsp, id) => {
                self.hears("3", nsp, &format!("{id}[]"));
                if let Some(socket) = self.speaker(nsp) {
                    self.settle("answered", |asker| asker.socket == socket && asker.id == id);
                }
            }
            Act::Disconnect(nsp) => {
                self.hears("1", nsp, "");
                let out = self.find(nsp).filter(|&socket| self.is(socket, State::Out));
                if let Some(socket) = self.speaker(nsp) {
                    self.leave(socket);
                } else if let Some(socket) = out {
                    self.sockets[socket].state = State::Gone;
                }
            }
            Act::Garbage => {
                self.session.handle_message(Message::from("9"));
                self.close();
            }
            Act::WeAccept(socket) => self.accept(socket),
            Act::WeRefuse(socket) => {
                let Some(key) = self.key(socket) else { return };
                self.session.refuse(key, &Refusal::from("no"));
                if self.is(socket, State::Asks) {
                    self.sockets[socket].state = State::Gone;
                    self.send(socket, "4", r#"{"message":"no"}"#);
                }
            }
            Act::WeSend(socket) => {
                let Some(key) = self.key(socket) else { return };
                self.session.send(key, self.event(socket, None));
                if self.is(socket, State::In) {
                    self.send(socket, "2", r#"["e",1]"#);
                }
            }
            Act::WeCall { socket, id, seconds } => self.call(socket, id, seconds),
            Act::WeAnswer => self.answer(),
            Act::WeDisconnect(socket) => {
                let Some(key) = self.key(socket) else { return };
                self.session.disconnect(key);
                if self.is(socket, State::In) {
                    self.send_away(socket);
                }
            }
            Act::WeClose => {
                self.session.close();
                for socket in 0..self.sockets.len() {
                    if self.is(socket, State::In) {
                        self.send_away(socket);
                    }
                }
                self.close();
            }
            Act::WeShutDown => {
                self.session.shut_down();
                self.close();
            }
            Act::TimePasses(seconds) => {
                self.now += Duration::from_secs(seconds);
                let now = self.now;
                self.session.handle_timeout(now);
                self.settle("timed out", |asker| asker.deadline <= now);
                if self.connect_deadline.is_some_and(|deadline| deadline <= now) {
                    self.close();
                }
            }
            Act::ConnectionEnds => {
                self.session.handle_close(CloseReason::ByClient);
                self.end();
            }
        }
    }

    /// Takes all that is to be done, and compares it with all that was to be expected.
    pub(super) fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            let is_late = self.heard_closes > 0;
            let may_be_late = matches!(output, Output::Event(Event::Unanswered { .. }));
            assert!(!is_late || may_be_late, "after the close came {output:?}");
            match output {
                Output::Send(packet) => self.heard.push(text(&packet)),
                Output::Close(_) => self.heard_closes += 1,
                Output::Event(event) => self.take(event),
            }
        }
        assert_eq!(self.heard, self.sent, "packets");
        assert_eq!(self.heard_refused, self.refused, "refused without being asked");
        assert_eq!(self.heard_closes, self.closes, "closes");
        assert_eq!(self.tokens.len(), self.token_sockets.len(), "events");
        for asker in &self.askers {
            assert_eq!(asker.heard, Vec::from_iter(asker.expected), "what an asker hears");
        }
        for socket in &self.sockets {
            assert!(socket.key.is_some(), "nobody told that a client asks for {}", socket.nsp);
            assert_eq!(socket.heard_left, usize::from(socket.has_left), "Left in {}", socket.nsp);
        }
        let waiting = self.askers.iter().filter(|asker| asker.expected.is_none());
        let next = waiting.map(|asker| asker.deadline).chain(self.connect_deadline).min();
        assert_eq!(self.session.poll_timeout(), next, "the next deadline");
    }

    /// However it went, in the end everybody has heard.
    pub(super) fn finish(mut self) {
        self.perform(Act::ConnectionEnds);
        self.drain();
        assert!(self.askers.iter().all(|asker| asker.heard.len() == 1), "an asker waits for ever");
    }

    fn take(&mut self, event: Event<usize>) {
        match event {
            Event::Connecting { key, .. } => {
                let socket = self.sockets.last_mut().expect("a client asked");
                assert_eq!(socket.key.replace(key), None, "told twice that a client asks");
            }
            Event::Refused { nsp, .. } => self.heard_refused.push(nsp.to_string()),
            Event::Received { ack, .. } => self.tokens.extend(ack),
            Event::Answered { asker, .. } => self.askers[asker].heard.push("answered"),
            Event::Unanswered { asker, why: NoAnswer::TimedOut } => {
                self.askers[asker].heard.push("timed out");
            }
            Event::Unanswered { asker, why: NoAnswer::Disconnected } => {
                self.askers[asker].heard.push("disconnected");
            }
            Event::Unanswered { why: NoAnswer::Dropped, .. } => {
                panic!("a session drops no question, and one was told of as dropped")
            }
            Event::Left { key, .. } => {
                let mut sockets = self.sockets.iter_mut();
                let socket = sockets.find(|socket| socket.key == Some(key));
                socket.expect("it was there").heard_left += 1;
            }
        }
    }

    fn connect(&mut self, nsp: &'static str) {
        if self.is_over {
            return;
        }
        match self.find(nsp) {
            Some(socket) if self.is(socket, State::Out) => self.sockets[socket].state = State::Gone,
            Some(_) => return self.close(),
            None => {}
        }
        let there = self.sockets.iter().filter(|socket| socket.state != State::Gone).count();
        if there >= MOST {
            let Some(out) = self.sockets.iter_mut().find(|socket| socket.state == State::Out)
            else {
                self.refused.push(nsp.to_owned());
                return self.sent.push(written("4", nsp, r#"{"message":"Too many namespaces"}"#));
            };
            out.state = State::Gone;
        }
        let state = State::Asks;
        self.sockets.push(Socket { key: None, nsp, state, has_left: false, heard_left: 0 });
    }

    fn accept(&mut self, socket: usize) {
        let Some(key) = self.key(socket) else { return };
        let id = format!("id-{socket}");
        self.session.accept(key, &SocketId::from(&*id));
        if self.is(socket, State::Asks) {
            self.sockets[socket].state = State::In;
            self.connect_deadline = None;
            self.send(socket, "0", &format!(r#"{{"sid":"{id}"}}"#));
        }
    }

    fn call(&mut self, socket: usize, id: u64, seconds: u64) {
        let Some(key) = self.key(socket) else { return };
        let deadline = self.now + Duration::from_secs(seconds);
        let packet = self.event(socket, Some(AckId(id)));
        self.session.call(key, AckId(id), packet, deadline, self.askers.len());
        let is_in = self.is(socket, State::In);
        if is_in {
            self.settle("timed out", |asker| asker.socket == socket && asker.id == id);
            self.send(socket, "2", &format!(r#"{id}["e",1]"#));
        }
        let expected = if is_in { None } else { Some("disconnected") };
        self.askers.push(Asker { socket, id, deadline, expected, heard: vec![] });
    }

    fn answer(&mut self) {
        self.drain();
        let (Some(token), Some(socket)) = (self.tokens.pop(), self.token_sockets.pop()) else {
            return;
        };
        let nsp = Namespace::new(self.sockets[socket].nsp);
        let packet = EncodedPacket::ack(&Json::default(), &nsp, token.id(), 1).expect("a number");
        self.session.answer(token, packet);
        if self.is(socket, State::In) {
            self.send(socket, "3", "7[1]");
        }
    }

    fn send_away(&mut self, socket: usize) {
        self.send(socket, "1", "");
        self.leave(socket);
        self.sockets[socket].state = State::Out;
    }

    fn leave(&mut self, socket: usize) {
        self.sockets[socket].state = State::Gone;
        self.sockets[socket].has_left = true;
        self.settle("disconnected", |asker| asker.socket == socket);
    }

    fn close(&mut self) {
        self.closes += usize::from(!self.is_over);
        self.end();
    }

    fn end(&mut self) {
        self.is_over = true;
        self.connect_deadline = None;
        for socket in 0..self.sockets.len() {
            if self.is(socket, State::In) {
                self.leave(socket);
            }
            self.sockets[socket].state = State::Gone;
        }
    }

    /// Those of whom it is true hear this, if they still wait.
    fn settle(&mut self, what: &'static str, of_whom: impl Fn(&Asker) -> bool) {
        let askers = self.askers.iter_mut();
        let waiting = askers.filter(|asker| asker.expected.is_none() && of_whom(asker));
        waiting.for_each(|asker| asker.expected = Some(what));
    }

    /// Which socket says this; if none may, that is the end.
    fn speaker(&mut self, nsp: &str) -> Option<usize> {
        let socket = self.find(nsp);
        match socket.map(|socket| self.sockets[socket].state) {
            Some(State::In) => return socket,
            Some(State::Out) => {}
            _ => self.close(),
        }
        None
    }

    fn find(&self, nsp: &str) -> Option<usize> {
        let is = |socket: &Socket| socket.nsp == nsp && socket.state != State::Gone;
        self.sockets.iter().position(is)
    }

    fn is(&self, socket: usize, state: State) -> bool {
        self.sockets[socket].state == state
    }

    fn key(&self, socket: usize) -> Option<SocketKey> {
        self.sockets.get(socket)?.key
    }

    fn event(&self, socket: usize, ack: Option<AckId>) -> EncodedPacket {
        let nsp = Namespace::new(self.sockets[socket].nsp);
        EncodedPacket::event(&Json::default(), &nsp, ack, "e", 1).expect("a number")
    }

    fn hears(&mut self, kind: &str, nsp: &str, rest: &str) {
        self.session.handle_message(Message::from(written(kind, nsp, rest)));
    }

    fn send(&mut self, socket: usize, kind: &str, rest: &str) {
        self.sent.push(written(kind, self.sockets[socket].nsp, rest));
    }
}

fn written(kind: &str, nsp: &str, rest: &str) -> String {
    match nsp {
        "/" => format!("{kind}{rest}"),
        _ => format!("{kind}{nsp},{rest}"),
    }
}
