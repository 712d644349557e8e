//! One run of a test binary, with an eye on the clock: a loop of the learner's that never ends must
//! end all the same.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use course::environment;
use course::libtest::{self, Test};

use super::messages;

/// For how many seconds no test may end, unless `COURSE_LIMIT` says otherwise. The tests have
/// deadlines of their own, of 10 s at most; this one is for a loop that keeps them from the clock.
const LIMIT: u64 = 30;

/// How often the run asks whether anyone still wants it.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// A test binary, where it runs, and whether its outcome is still of use.
pub(super) struct Binary<'a> {
    pub(super) path: PathBuf,
    pub(super) dir: PathBuf,
    pub(super) root: &'a Path,
    pub(super) is_stale: &'a dyn Fn() -> bool,
}

/// What a run printed, and how it ended.
pub(super) struct Trial {
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) end: End,
}

pub(super) enum End {
    Itself(ExitStatus),
    /// It was ended: no test had ended for as long as [`limit`] says.
    Late,
    /// It was ended: the code was saved.
    Stale,
}

enum Heard {
    Stdout(String),
    Stderr(String),
}

impl Binary<'_> {
    /// Runs the tests whose name holds one of `filters`.
    pub(super) fn run(&self, filters: &[String]) -> io::Result<Trial> {
        let threads = format!("--test-threads={}", threads());
        let mut child = environment::spec(&self.path, &self.dir, self.root)
            .args(["--color", "never", &threads])
            .args(filters)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let trial = self.listen(&mut child);
        if !matches!(trial, Ok(Trial { end: End::Itself(_), .. })) {
            child.kill()?;
            child.wait()?;
        }
        trial
    }

    fn listen(&self, child: &mut Child) -> io::Result<Trial> {
        let (sender, heard) = mpsc::channel();
        listen_to(child.stdout.take().expect("stdout is piped"), Heard::Stdout, sender.clone());
        listen_to(child.stderr.take().expect("stderr is piped"), Heard::Stderr, sender);
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let (limit, mut moved_on) = (limit(), Instant::now());
        let end = loop {
            match heard.recv_timeout(LOOK_EVERY) {
                Ok(Heard::Stdout(line)) => {
                    stdout.push_str(&line);
                    moved_on = Instant::now();
                }
                Ok(Heard::Stderr(line)) => stderr.push_str(&line),
                Err(RecvTimeoutError::Disconnected) => break End::Itself(child.wait()?),
                Err(RecvTimeoutError::Timeout) if (self.is_stale)() => break End::Stale,
                Err(RecvTimeoutError::Timeout) if moved_on.elapsed() > limit => break End::Late,
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        Ok(Trial { stdout, stderr, end })
    }

    /// Completes the outcomes of a run that was late: those that failed are asked once more, since
    /// libtest tells their reasons at the very end. Returns the names of those that ran on.
    pub(super) fn complete(
        &self,
        filters: &[String],
        tests: &mut Vec<Test>,
    ) -> io::Result<Vec<String>> {
        let failed = tests.iter().filter(|test| !test.passed).map(|test| test.name.clone());
        let failed: Vec<String> = failed.collect();
        if !failed.is_empty() {
            let again = self.run(&[vec!["--exact".to_owned()], failed].concat())?;
            for known in libtest::parse(&again.stdout).unwrap_or_default() {
                tests.iter_mut().filter(|test| test.name == known.name).for_each(|test| {
                    test.output.clone_from(&known.output);
                });
            }
        }
        let list = self.run(&[vec!["--list".to_owned()], filters.to_vec()].concat())?.stdout;
        let mut open = libtest::parse_list(&list);
        open.retain(|name| !tests.iter().any(|test| test.name == *name));
        // libtest begins them in the order of the list, as many at a time as there are threads.
        let waiting = open.split_off(open.len().min(threads()));
        let mut add = |names: &[String], output: &str| {
            tests.extend(names.iter().map(|name| {
                let (name, output) = (name.clone(), output.to_owned());
                Test { name, passed: false, output }
            }));
        };
        add(&open, &messages::not_ended(limit()));
        add(&waiting, messages::NOT_BEGUN);
        Ok(open)
    }
}

fn limit() -> Duration {
    let chosen = std::env::var("COURSE_LIMIT").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(chosen.unwrap_or(LIMIT))
}

/// How many tests run at a time.
fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Sends on what a pipe says, line by line.
fn listen_to(pipe: impl Read + Send + 'static, heard: fn(String) -> Heard, sender: Sender<Heard>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = format!("{}\n", String::from_utf8_lossy(&line));
            if sender.send(heard(line)).is_err() {
                return;
            }
        }
    });
}
