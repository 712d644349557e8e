//! A lesson's tests, built by cargo from the learner's crate, and run.

use std::io::{BufRead, BufReader, Read};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use course::environment;
use course::libtest::{self, Test};
use course::map::Lesson;
use course::problem::Problem;

use super::trial::{Binary, End};
use super::{messages, terminal};

/// What came of a run.
pub(super) enum Run {
    /// The tests ran; some may have been stopped, since they did not end.
    Ran { tests: Vec<Test>, stopped: Vec<String> },
    /// The code does not compile: what the compiler said.
    NotCompiled(String),
    /// The tests began and did not end, for example because a stack overflowed: what they said.
    CutShort(String),
    /// The code was saved meanwhile, so that the outcome would be of no use.
    Stale,
}

/// Runs the tests of some steps of a lesson, until they end or `is_stale`.
pub(super) fn run(
    root: &Path,
    lesson: &Lesson,
    steps: RangeInclusive<u8>,
    is_stale: &dyn Fn() -> bool,
) -> Result<Run, Problem> {
    let broken = |error: std::io::Error| {
        let (expected, remedy) = ("cargo to run the tests", "check that cargo is installed");
        Problem::in_file(lesson.starter(), expected, error.to_string(), remedy)
    };
    let last = *steps.end();
    terminal::remark(&messages::compiling(&lesson.starter_package()));
    let path = match build(root, lesson).map_err(broken)? {
        Ok(path) => path,
        Err(said) => {
            terminal::remark("");
            return Ok(Run::NotCompiled(said));
        }
    };
    terminal::remark(&messages::testing(lesson, last));
    let binary = Binary { path, dir: root.join(lesson.starter()), root, is_stale };
    let steps: Vec<String> = steps.map(|step| format!("::s{step}_")).collect();
    let trial = binary.run(&steps).map_err(broken)?;
    let mut tests = libtest::parse(&trial.stdout).unwrap_or_default();
    let mut stopped = Vec::new();
    match trial.end {
        End::Stale => return Ok(Run::Stale),
        End::Late => {
            terminal::remark(messages::ASKING_AGAIN);
            stopped = binary.complete(&steps, &mut tests).map_err(broken)?;
        }
        End::Itself(_) if trial.stdout.contains("\ntest result: ") => {}
        End::Itself(status) => {
            return Ok(Run::CutShort(format!("{}\n{status}", trial.stderr.trim_end())));
        }
    }
    terminal::remark("");
    in_order_of_source(&root.join(lesson.test_file()), &mut tests);
    Ok(Run::Ran { tests, stopped })
}

/// The tests are written from the simplest on; libtest tells those first that end first. Those that
/// had no turn come last: they say nothing about the code.
fn in_order_of_source(file: &Path, tests: &mut [Test]) {
    let source = std::fs::read_to_string(file).unwrap_or_default();
    tests.sort_by_cached_key(|test| {
        let head = format!("fn {}(", test.function());
        (test.output == messages::NOT_BEGUN, source.find(&head).unwrap_or(usize::MAX))
    });
}

/// Builds the tests: the binary, or what the compiler said.
fn build(root: &Path, lesson: &Lesson) -> std::io::Result<Result<PathBuf, String>> {
    let colour = if terminal::has_colour() { "always" } else { "never" };
    let mut cargo = environment::command("cargo")
        .args(["test", "--no-run", "--package", &lesson.starter_package(), "--test", "spec"])
        .args(["--color", colour])
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let (said, path) = watch_compiler(cargo.stderr.take().expect("stderr is piped"));
    let built = cargo.wait()?.success();
    Ok(path.filter(|_| built).map(|path| root.join(path)).ok_or(said))
}

/// Shows what is being compiled; keeps what the compiler has to say, and what came of it.
fn watch_compiler(stderr: impl Read) -> (String, Option<PathBuf>) {
    let (mut kept, mut path) = (String::new(), None);
    for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        let plain = terminal::plain(&line);
        match plain.trim_start().split_once(' ') {
            Some(("Compiling" | "Downloading" | "Downloaded", what)) => {
                // Without the crate's folder, so that the remark fits on one line.
                let what = what.split_once(" (").map_or(what, |(what, _)| what);
                terminal::remark(&messages::compiling(what));
            }
            Some(("Executable", _)) => path = libtest::executable(&plain).map(PathBuf::from),
            Some(("Blocking", _)) => terminal::remark(messages::BLOCKED),
            Some(("Finished" | "Updating" | "Locking" | "Adding", _)) => {}
            _ => {
                kept.push_str(&line);
                kept.push('\n');
            }
        }
    }
    (kept, path)
}
