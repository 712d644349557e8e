//! A recovery log that tells the test what it is given.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::super::subject::{
    LostSession, MissedEvent, NamespaceName, NotRestored, RecoveryLog, Restored,
};
use super::stage::{Notes, notes};

/// For how long anything is kept.
pub(crate) const KEPT: Duration = Duration::from_secs(120);

/// A clone is the same shelf. Offsets are `@1`, `@2` and so on.
#[derive(Clone)]
pub(crate) struct Shelf(Arc<Mutex<Inner>>);

struct Inner {
    last: usize,
    events: Vec<(usize, MissedEvent, Instant)>,
    sessions: Vec<(LostSession, Instant)>,
    told: UnboundedSender<Told>,
    on_session: Box<dyn Fn() + Send>,
    panics: bool,
}

/// A session that was stored.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) pid: String,
    pub(crate) rooms: Vec<String>,
    pub(crate) data: String,
}

impl Shelf {
    pub(crate) fn new() -> (Self, Notes<Told>) {
        let (told, heard) = notes();
        let (events, sessions) = (Vec::new(), Vec::new());
        let on_session = Box::new(|| ());
        let inner = Inner { last: 0, events, sessions, told, on_session, panics: false };
        (Self(Arc::new(Mutex::new(inner))), heard)
    }

    pub(crate) fn events(&self) -> usize {
        self.kept().events.len()
    }

    pub(crate) fn sessions(&self) -> usize {
        self.kept().sessions.len()
    }

    /// Of each event, whether it is to be compressed.
    pub(crate) fn compressed(&self) -> Vec<bool> {
        self.kept().events.iter().map(|(_, event, _)| event.packet.wants_compression()).collect()
    }

    /// What is done when a session is stored.
    pub(crate) fn on_session(&self, hook: impl Fn() + Send + 'static) {
        self.kept().on_session = Box::new(hook);
    }

    /// From now on, whatever it is asked.
    pub(crate) fn panic(&self, panics: bool) {
        self.kept().panics = panics;
    }

    fn kept(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("nobody panics who holds it")
    }

    fn asked(&self) -> MutexGuard<'_, Inner> {
        let panics = self.kept().panics;
        assert!(!panics, "as it was told to");
        self.kept()
    }
}

impl RecoveryLog for Shelf {
    fn next_offset(&mut self) -> String {
        let mut kept = self.asked();
        kept.last += 1;
        format!("@{}", kept.last)
    }

    fn store_event(&mut self, offset: &str, event: MissedEvent, now: Instant) {
        let mut kept = self.asked();
        let place = place(offset).expect("an offset of this log");
        assert_eq!(place, kept.last, "none comes between");
        kept.events.push((place, event, now));
    }

    fn store_session(&mut self, session: LostSession, now: Instant) {
        let mut kept = self.asked();
        (kept.on_session)();
        let LostSession { pid, rooms, data, .. } = session.clone();
        let _ = kept.told.send(Told { pid, rooms, data }); // a test may be over
        kept.sessions.push((session, now));
    }

    fn restore(
        &mut self,
        nsp: &NamespaceName,
        pid: &str,
        offset: Option<&str>,
        _: Instant,
    ) -> Result<Restored, NotRestored> {
        let mut kept = self.asked();
        let is_theirs = |(it, _): &(LostSession, _)| it.pid == pid && it.nsp == *nsp;
        let index = kept.sessions.iter().position(is_theirs).ok_or(NotRestored::UnknownSession)?;
        let (session, _) = kept.sessions.remove(index);
        let seen = offset.and_then(place).ok_or(NotRestored::UnknownOffset)?;
        let is_missed = |(place, event, _): &&(usize, MissedEvent, _)| {
            let rooms: Vec<_> = event.selection.rooms().collect();
            let named = session.rooms.iter().any(|room| rooms.contains(&room.as_str()));
            *place > seen && event.nsp == *nsp && (rooms.is_empty() || named)
        };
        let missed = kept.events.iter().filter(is_missed);
        let missed = missed.map(|(_, event, _)| event.packet.clone()).collect();
        Ok(Restored { session, missed })
    }

    fn expire(&mut self, now: Instant) -> Option<Instant> {
        let mut kept = self.asked();
        kept.events.retain(|(.., since)| now < *since + KEPT);
        kept.sessions.retain(|(_, since)| now < *since + KEPT);
        let events = kept.events.iter().map(|(.., since)| *since);
        let sessions = kept.sessions.iter().map(|(_, since)| *since);
        events.chain(sessions).min().map(|since| since + KEPT)
    }
}

fn place(offset: &str) -> Option<usize> {
    offset.strip_prefix('@')?.parse().ok()
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shelf")
    }
}
