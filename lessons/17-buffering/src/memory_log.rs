use std::collections::BTreeSet;
use std::hash::RandomState;
use std::time::Instant;

use socketio_packet::{EncodedPacket, Namespace};
use socketio_rooms::{LostSession, MissedEvent, NotRestored, RecoveryLog, Restored, Selection};

use crate::{
    Backlog, LogConfig, Overflow,
    offsets::{Offsets, Place},
};

/// A [`RecoveryLog`] in this process's memory, for all namespaces of a server.
///
/// It never holds more than its [`LogConfig`] says, and forgets the oldest first. Whoever comes back and needs
/// what was forgotten is somebody new: a client gets all that it missed, or hears that it has to ask.
#[derive(Debug)]
pub struct MemoryLog {
    config: LogConfig,
    offsets: Offsets,
    events: Backlog<KeptEvent>,
    sessions: Backlog<KeptSession>,
    /// The last event that went before its time, to make room.
    evicted: Place,
}

#[derive(Debug)]
struct KeptEvent {
    place: Place,
    event: MissedEvent,
    since: Instant,
}

#[derive(Debug)]
struct KeptSession {
    session: LostSession,
    since: Instant,
}

impl MemoryLog {
    /// An empty one. The secret is new in each process: by it the log knows its own offsets.
    #[must_use]
    pub fn new(config: LogConfig, secret: RandomState) -> Self {
        Self {
            offsets: Offsets::new(secret),
            events: Backlog::new(config.events, Overflow::DropOldest),
            sessions: Backlog::new(config.sessions, Overflow::DropOldest),
            evicted: Place::default(),
            config,
        }
    }

    /// How many events it keeps.
    #[must_use]
    pub fn events(&self) -> usize {
        self.events.len()
    }

    /// How many sessions it keeps.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Whether all that was stored after this place is still here, or so old that it had arrived before the
    /// connection broke.
    fn is_complete_after(&self, place: Place) -> bool {
        // TODO step 17.5, continued: see `Offsets::read` in src/offsets.rs
        true
    }

    /// What a session missed after this place, in order.
    fn missed(&self, session: &LostSession, place: Place) -> Vec<EncodedPacket> {
        // TODO step 17.5, continued: see `Offsets::read` in src/offsets.rs
        todo!("step 17.5: Keep what they missed (cargo course hint 17.5)")
    }
}

/// With a secret of its own.
impl From<LogConfig> for MemoryLog {
    fn from(config: LogConfig) -> Self {
        Self::new(config, RandomState::new())
    }
}

impl Default for MemoryLog {
    fn default() -> Self {
        Self::from(LogConfig::default())
    }
}

impl RecoveryLog for MemoryLog {
    fn next_offset(&mut self) -> String {
        self.offsets.next()
    }

    fn store_event(&mut self, offset: &str, event: MissedEvent, now: Instant) {
        self.expire(now);
        let Some(place) = self.offsets.read(offset) else { return };
        let size = size_of_event(&event);
        // The oldest, or this one, if it is too large even alone.
        for lost in self.events.push(KeptEvent { place, event, since: now }, size) {
            self.evicted = self.evicted.max(lost.place);
        }
    }

    fn store_session(&mut self, session: LostSession, now: Instant) {
        let size = size_of_session(&session);
        // Whose session goes is somebody new on their return, as after a longer time.
        drop(self.sessions.push(KeptSession { session, since: now }, size));
    }

    fn restore(
        &mut self,
        nsp: &Namespace,
        pid: &str,
        offset: Option<&str>,
        now: Instant,
    ) -> Result<Restored, NotRestored> {
        self.expire(now);
        let is_theirs = |kept: &KeptSession| kept.session.pid == pid && kept.session.nsp == *nsp;
        let kept = self.sessions.take_first(is_theirs);
        let session = kept.ok_or(NotRestored::UnknownSession)?.session;
        let offset = offset.ok_or(NotRestored::NoOffset)?;
        let place = self.offsets.read(offset).ok_or(NotRestored::UnknownOffset)?;
        if !self.is_complete_after(place) {
            return Err(NotRestored::Gap);
        }
        Ok(Restored { missed: self.missed(&session, place), session })
    }

    fn expire(&mut self, now: Instant) -> Option<Instant> {
        let away = self.config.max_disconnection;
        let sent = away.saturating_add(self.config.unnoticed);
        let session = expire(&mut self.sessions, now, |kept| kept.since.checked_add(away));
        let event = expire(&mut self.events, now, |kept| kept.since.checked_add(sent));
        session.into_iter().chain(event).min()
    }
}

/// Whether somebody in these rooms is meant.
fn is_meant(selection: &Selection, rooms: &BTreeSet<&str>) -> bool {
    // TODO step 17.5, continued: see `Offsets::read` in src/offsets.rs
    todo!("step 17.5: Keep what they missed (cargo course hint 17.5)")
}

/// Forgets those whose time has come, and says when the next one's does.
fn expire<T>(
    kept: &mut Backlog<T>,
    now: Instant,
    deadline: impl Fn(&T) -> Option<Instant>,
) -> Option<Instant> {
    // TODO step 17.5, continued: see `Offsets::read` in src/offsets.rs
    None
}

fn size_of_event(event: &MissedEvent) -> usize {
    let MissedEvent { nsp, selection, packet } = event;
    let names = selection.rooms().chain(selection.excepted()).map(str::len).sum::<usize>();
    nsp.as_str().len() + names + packet.size()
}

fn size_of_session(session: &LostSession) -> usize {
    let LostSession { nsp, pid, id, rooms, data } = session;
    let rooms = rooms.iter().map(|room| size_of::<String>() + room.len()).sum::<usize>();
    nsp.as_str().len() + pid.len() + id.as_str().len() + rooms + data.len()
}
