//! What is told to `tracing` on a test's thread.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use tracing_subscriber::filter::LevelFilter;

thread_local! {
    static WRITTEN: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// It listens from its beginning on, to this thread alone.
pub(crate) struct Log(());

impl Log {
    /// One subscriber listens to all threads: while each has its own, what no other hears may be lost to all
    /// (tokio-rs/tracing, issue 3611).
    pub(crate) fn listen() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            tracing_subscriber::fmt()
                .with_max_level(LevelFilter::DEBUG)
                .with_ansi(false)
                .with_target(false)
                .without_time()
                .with_writer(|| ToThread)
                .init();
            // What was met in between was asked before there was anybody.
            tracing::callsite::rebuild_interest_cache();
        });
        WRITTEN.set(Some(Vec::new()));
        Self(())
    }

    /// What was told until now.
    pub(crate) fn lines(&self) -> Vec<String> {
        let written = WRITTEN.with_borrow(|written| written.clone().unwrap_or_default());
        String::from_utf8_lossy(&written).lines().map(|line| line.trim().to_owned()).collect()
    }
}

struct ToThread;

impl io::Write for ToThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        WRITTEN.with_borrow_mut(|written| written.iter_mut().for_each(|it| it.extend(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
