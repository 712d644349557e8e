//! A server that remembers, and the clients that it lost.

use std::hash::RandomState;
use std::time::Duration;

use socketio_packet::{Args, EncodedPacket, Json, Message, Namespace};
use socketio_rooms::{LostSession, MissedEvent, NotRestored, RecoveryLog, Selection, SocketId};
use transcript::VirtualClock;

use super::super::subject::{LogConfig, MemoryLog};

pub(super) struct Server {
    pub(super) clock: VirtualClock,
    pub(super) log: MemoryLog,
}

impl Server {
    pub(super) fn new() -> Self {
        Self::of(LogConfig::default())
    }

    pub(super) fn of(config: LogConfig) -> Self {
        Self { clock: VirtualClock::new(), log: MemoryLog::new(config, RandomState::new()) }
    }

    /// Says something in `/`: its offset.
    pub(super) fn say(&mut self, selection: Selection, what: &str) -> String {
        self.say_in("/", selection, what)
    }

    pub(super) fn say_in(&mut self, nsp: &str, selection: Selection, what: &str) -> String {
        let offset = self.log.next_offset();
        let nsp = Namespace::new(nsp);
        let packet = event(&nsp, what, &offset);
        self.log.store_event(&offset, MissedEvent { nsp, selection, packet }, self.clock.now());
        offset
    }

    /// The connection of somebody in `/` breaks. The secret is `pid of NAME`.
    pub(super) fn lose(&mut self, name: &str, rooms: &[&str]) {
        self.log.store_session(session(name, rooms), self.clock.now());
    }

    /// What they hear on their return, in order.
    pub(super) fn back(
        &mut self,
        name: &str,
        offset: Option<&str>,
    ) -> Result<Vec<String>, NotRestored> {
        let pid = format!("pid of {name}");
        let restored = self.log.restore(&Namespace::MAIN, &pid, offset, self.clock.now())?;
        assert_eq!(restored.session.id.as_str(), name);
        Ok(restored.missed.iter().map(what).collect())
    }

    pub(super) fn wait(&mut self, time: Duration) {
        self.clock.advance(time);
    }
}

pub(super) fn session(name: &str, rooms: &[&str]) -> LostSession {
    LostSession {
        nsp: Namespace::MAIN,
        pid: format!("pid of {name}"),
        id: SocketId::from(name),
        rooms: [name].iter().chain(rooms).map(ToString::to_string).collect(),
        data: r#"{"name":"Ann"}"#.to_owned(),
    }
}

fn event(nsp: &Namespace, what: &str, offset: &str) -> EncodedPacket {
    EncodedPacket::event(&Json::default(), nsp, None, "news", Args((what, offset))).expect("texts")
}

pub(super) fn text(packet: &EncodedPacket) -> String {
    let Some(Message::Text(text)) = packet.messages().next() else { panic!("no text") };
    text.to_string()
}

/// Of `2["news","what","offset"]`, the middle.
pub(super) fn what(packet: &EncodedPacket) -> String {
    text(packet).split('"').nth(3).expect("three texts").to_owned()
}
