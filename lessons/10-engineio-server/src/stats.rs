use std::mem::take;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use engineio_packet::Transport;

use crate::Refusal;

/// What a server does, and what it has done since it was built: see [`Server::stats`](crate::Server::stats).
///
/// Each number is right for itself; two of them may be of different moments. A session tells of its messages when it
/// has had its turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Sessions on polling, now.
    pub polling: usize,
    /// Sessions on a WebSocket, now.
    pub websocket: usize,
    /// Sessions that were opened.
    pub opened: u64,
    /// Sessions that moved from polling to a WebSocket.
    pub upgraded: u64,
    /// Requests for a new session that were refused.
    pub refused: u64,
    /// Requests for a session that is not here. A few come late, after its end. Many say that a proxy sends a
    /// client to one server and then to another.
    pub unknown: u64,
    /// Messages that came.
    pub received: u64,
    /// Messages that the application sent.
    pub sent: u64,
    /// Messages that were dropped, because too much waited for their client.
    pub dropped: u64,
}

/// What a session counts for itself, and tells when it has had its turn: to count one message where others
/// count too takes as long as to send it to one more.
#[derive(Debug)]
pub(crate) struct Tally {
    counters: Arc<Counters>,
    received: u64,
    sent: u64,
}

impl Tally {
    pub(crate) fn new(counters: Arc<Counters>) -> Self {
        Self { counters, received: 0, sent: 0 }
    }

    pub(crate) fn receive(&mut self) {
        self.received += 1;
    }

    pub(crate) fn send(&mut self) {
        self.sent += 1;
    }

    pub(crate) fn tell(&mut self) {
        let (received, sent) = (take(&mut self.received), take(&mut self.sent));
        if received > 0 {
            self.counters.here().received.fetch_add(received, Relaxed);
        }
        if sent > 0 {
            self.counters.here().sent.fetch_add(sent, Relaxed);
        }
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.tell();
    }
}

/// So many threads count messages without waiting for one another.
const LINES: usize = 16;

/// Where all threads of a server count.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    messages: [Messages; LINES],
    polling: AtomicUsize,
    websocket: AtomicUsize,
    opened: AtomicU64,
    upgraded: AtomicU64,
    refused: AtomicU64,
    unknown: AtomicU64,
    dropped: AtomicU64,
}

/// What is counted often, by each thread in memory of its own: to share a cache line costs more than to
/// count.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Messages {
    received: AtomicU64,
    sent: AtomicU64,
}

impl Counters {
    /// A session begins. The number that it bears in a log: its id is a secret.
    pub(crate) fn open(&self, transport: Transport) -> u64 {
        self.live(transport).fetch_add(1, Relaxed);
        self.opened.fetch_add(1, Relaxed) + 1
    }

    pub(crate) fn upgrade(&self) {
        self.close(Transport::Polling);
        self.live(Transport::WebSocket).fetch_add(1, Relaxed);
        self.upgraded.fetch_add(1, Relaxed);
    }

    pub(crate) fn close(&self, transport: Transport) {
        self.live(transport).fetch_sub(1, Relaxed);
    }

    /// A request is refused; `opens` says whether it was for a new session.
    pub(crate) fn refuse(&self, refusal: &Refusal, opens: bool) {
        match refusal {
            Refusal::NotFound { .. } => {} // it is for somebody else
            Refusal::UnknownSid => drop(self.unknown.fetch_add(1, Relaxed)),
            _ => drop(self.refused.fetch_add(u64::from(opens), Relaxed)),
        }
    }

    pub(crate) fn drop_message(&self) {
        self.dropped.fetch_add(1, Relaxed);
    }

    pub(crate) fn stats(&self) -> Stats {
        let sum = |of: fn(&Messages) -> &AtomicU64| {
            self.messages.iter().map(|line| of(line).load(Relaxed)).sum()
        };
        Stats {
            polling: self.polling.load(Relaxed),
            websocket: self.websocket.load(Relaxed),
            opened: self.opened.load(Relaxed),
            upgraded: self.upgraded.load(Relaxed),
            refused: self.refused.load(Relaxed),
            unknown: self.unknown.load(Relaxed),
            received: sum(|line| &line.received),
            sent: sum(|line| &line.sent),
            dropped: self.dropped.load(Relaxed),
        }
    }

    fn live(&self, transport: Transport) -> &AtomicUsize {
        match transport {
            Transport::Polling => &self.polling,
            Transport::WebSocket => &self.websocket,
        }
    }

    /// Where this thread counts.
    fn here(&self) -> &Messages {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static LINE: usize = THREADS.fetch_add(1, Relaxed) % LINES;
        }
        // A thread that ends may count once more, in any line.
        &self.messages[LINE.try_with(|line| *line).unwrap_or(0)]
    }
}
