//! What lives in the server, counted where it begins and where it ends.

use std::collections::BTreeMap;
use std::fs;
use std::panic;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use socketio::{Adapter, NamespaceName, Problem, Server};
use tokio::runtime::Handle;

use crate::ALLOCATOR;
use crate::figures::{Figures, Living};

/// What a handler says that panics because it was told to.
pub(crate) const INTENDED: &str = "as it was told to";

/// Panics that nobody intended.
static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Longer than this, a line of a log is the client's and not ours.
const LINE: usize = 600;

/// What lives in one server.
#[derive(Debug, Default)]
pub(crate) struct Census {
    pub(crate) sockets: Gauge,
    pub(crate) handlers: Gauge,
    pub(crate) calls: Gauge,
    namespaces: Gauge,
    problems: Mutex<BTreeMap<String, usize>>,
}

/// How many of something there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gauge(Arc<AtomicUsize>);

/// One of them, until it is dropped.
pub(crate) struct One(Gauge);

impl Census {
    /// Counts namespaces, as a server's adapter.
    pub(crate) fn namespaces(&self) -> Gauge {
        self.namespaces.clone()
    }

    pub(crate) fn note(&self, problem: &Problem) {
        // The names of its variants: what else is in it, the client chose.
        let all = format!("{problem:?}");
        let words = all.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let named = words.take(4).filter(|word| word.starts_with(char::is_uppercase));
        let kind = named.collect::<Vec<_>>().join(" ");
        let line = problem.to_string();
        assert!(line.len() <= LINE && !line.contains('\n'), "expected a short line, came {line:?}");
        let mut problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        *problems.entry(kind).or_default() += 1;
    }
}

/// Who opens and closes namespaces tells its adapter.
impl Adapter for Gauge {
    fn opened(&self, _: &NamespaceName) {
        self.0.fetch_add(1, Relaxed);
    }

    fn closed(&self, _: &NamespaceName) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Gauge {
    pub(crate) fn one(&self) -> One {
        self.0.fetch_add(1, Relaxed);
        One(self.clone())
    }

    fn count(&self) -> usize {
        self.0.load(Relaxed)
    }
}

impl Drop for One {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Relaxed);
    }
}

/// Counts the panics that nobody intended, and says what they were.
pub(crate) fn count_panics() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if info.payload_as_str() != Some(INTENDED) {
            PANICS.fetch_add(1, Relaxed);
            report(info);
        }
    }));
}

/// Of all servers of the process.
pub(crate) async fn figures(servers: &[(Server, Arc<Census>)]) -> Figures {
    let mut living =
        Living { tasks: Handle::current().metrics().num_alive_tasks(), ..Living::default() };
    let mut problems = BTreeMap::new();
    for (io, census) in servers {
        living.sessions += io.engine().sessions();
        living.sockets += census.sockets.count();
        living.rooms += io.fetch().await.iter().map(|socket| socket.rooms.len()).sum::<usize>();
        living.namespaces += census.namespaces.count();
        living.handlers += census.handlers.count();
        living.calls += census.calls.count();
        for (kind, count) in &*census.problems.lock().unwrap_or_else(PoisonError::into_inner) {
            *problems.entry(kind.clone()).or_default() += count;
        }
    }
    let stats = ALLOCATOR.stats();
    let heap = stats.bytes_allocated - stats.bytes_deallocated;
    Figures { rss: rss().unwrap_or_default(), heap, panics: PANICS.load(Relaxed), living, problems }
}

/// What the process occupies, as Linux counts it.
fn rss() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<usize>().ok()? << 10)
}
