use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What a server does, and what it has done since it was built: see [`Server::stats`](crate::Server::stats).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The connections below, and the messages on them: an event is one, and one more for each attachment.
    pub engine: engineio_server::Stats,
    /// Sockets, in all namespaces, now.
    pub sockets: usize,
    /// Namespaces, now.
    pub namespaces: usize,
    /// Sockets that came into a namespace.
    pub joined: u64,
    /// Sockets that were kept out of one.
    pub refused: u64,
    /// Events and answers that were left out: volatile ones that could not leave at once, and those for which
    /// there was no room.
    pub dropped: u64,
}

/// What connections count.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    joined: AtomicU64,
    refused: AtomicU64,
    dropped: AtomicU64,
}

impl Counters {
    pub(crate) fn join(&self) {
        self.joined.fetch_add(1, Relaxed);
    }

    pub(crate) fn refuse(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    pub(crate) fn drop_packet(&self) {
        self.dropped.fetch_add(1, Relaxed);
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            joined: self.joined.load(Relaxed),
            refused: self.refused.load(Relaxed),
            dropped: self.dropped.load(Relaxed),
            ..Stats::default()
        }
    }
}
