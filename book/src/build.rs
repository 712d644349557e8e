//! Builds the book and refuses whatever a reader would stumble over.

use std::fs;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail};
use course::includes;
use course::map::Course;
use mdbook_driver::MDBook;
use mdbook_driver::builtin_preprocessors::{IndexPreprocessor, LinkPreprocessor};
use mdbook_driver::config::Config;
use tracing_subscriber::filter::LevelFilter;

use crate::directives::Directives;
use crate::{links, words};

/// Where the English book lies, relative to the root.
pub const ENGLISH: &str = "book/en";
/// What every page wears, relative to the root; its `head.hbs` links it.
const STYLE: &str = "book/theme/course.css";

/// Builds the book of the course at `root` into `out`. `live_reload` is the path of the WebSocket over
/// which a server will tell the pages to reload.
///
/// # Errors
///
/// Every include, anchor, transcript, step, link and fragment that leads nowhere, and whatever mdBook
/// warns of.
pub fn build(root: &Path, out: &Path, live_reload: Option<&str>) -> Result<()> {
    let course = Course::load(root)?;
    refuse(includes::check(&course))?;
    let config = config(root, out, live_reload)?;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_ansi(false)
        .without_time()
        .with_target(false)
        .with_writer(move || writer.clone())
        .finish();
    let drawings = Rc::default();
    let directives = Directives { course, words: &words::ENGLISH, drawings: Rc::clone(&drawings) };
    tracing::subscriber::with_default(subscriber, || render(root, config, directives))?;
    drawings.put_back_in(out)?;
    fs::copy(root.join(STYLE), out.join("course.css")).with_context(|| STYLE.to_owned())?;
    refuse_log(&log.text())?;
    refuse(links::check(out)?)
}

fn config(root: &Path, out: &Path, live_reload: Option<&str>) -> Result<Config> {
    let mut config = Config::from_disk(root.join(ENGLISH).join("book.toml"))?;
    config.set("build.build-dir", out)?;
    // Ours come first: an escaped directive must reach mdBook's own preprocessor escaped.
    config.set("build.use-default-preprocessors", false)?;
    if let Some(path) = live_reload {
        config.set("output.html.live-reload-endpoint", path)?;
    }
    Ok(config)
}

fn render(root: &Path, config: Config, directives: Directives) -> Result<()> {
    let mut book = MDBook::load_with_config(root.join(ENGLISH), config)?;
    book.with_preprocessor(directives)
        .with_preprocessor(LinkPreprocessor::new())
        .with_preprocessor(IndexPreprocessor::new());
    book.build()
}

fn refuse<P: ToString>(problems: Vec<P>) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = problems.iter().map(P::to_string).collect();
    bail!("{}", lines.join("\n"))
}

/// mdBook writes a warning where it should stop: a missing include, HTML that does not nest.
fn refuse_log(log: &str) -> Result<()> {
    match log.trim() {
        "" => Ok(()),
        warnings => bail!("mdbook warns:\n{warnings}"),
    }
}

/// What mdBook logs, in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        let bytes = self.0.lock().expect("no writer panics");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
