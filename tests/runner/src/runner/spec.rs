//! A lesson's tests, run by cargo on the learner's crate.

use std::io::{BufRead, BufReader, Read};
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::{Command, Stdio};

use course::libtest::{self, Test};
use course::map::Lesson;
use course::problem::Problem;

use super::{messages, terminal};

/// What came of a run.
pub(super) enum Run {
    /// The tests ran.
    Ran(Vec<Test>),
    /// The code does not compile: what the compiler said.
    NotCompiled(String),
}

/// Runs the tests of some steps of a lesson.
pub(super) fn run(root: &Path, lesson: &Lesson, steps: RangeInclusive<u8>) -> Result<Run, Problem> {
    let broken = |error: std::io::Error| {
        let (expected, remedy) = ("cargo to run the tests", "check that cargo is installed");
        Problem::in_file(lesson.starter(), expected, error.to_string(), remedy)
    };
    let colour = if terminal::has_colour() { "always" } else { "never" };
    let mut cargo = Command::new("cargo")
        .args(["test", "--package", &lesson.starter_package(), "--test", "spec"])
        .args(["--color", colour, "--"])
        .args(["--color", "never"])
        .args(steps.map(|step| format!("::s{step}_")))
        .current_dir(root)
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(broken)?;
    let stderr = cargo.stderr.take().expect("stderr is piped");
    let compiler = std::thread::spawn(move || watch_compiler(stderr));
    let mut stdout = cargo.stdout.take().expect("stdout is piped");
    let mut output = Vec::new();
    stdout.read_to_end(&mut output).map_err(broken)?;
    cargo.wait().map_err(broken)?;
    let compiler = compiler.join().expect("reading a pipe does not panic");
    terminal::remark("");
    Ok(match libtest::parse(&String::from_utf8_lossy(&output)) {
        Some(tests) => Run::Ran(tests),
        None => Run::NotCompiled(compiler),
    })
}

/// Shows what is being compiled, and keeps what the compiler has to say.
fn watch_compiler(stderr: impl Read) -> String {
    let mut kept = String::new();
    for line in BufReader::new(stderr).split(b'\n') {
        let Ok(line) = line else { break };
        let line = String::from_utf8_lossy(&line);
        let plain = terminal::plain(&line);
        match plain.trim_start().split_once(' ') {
            Some(("Compiling" | "Downloading" | "Downloaded", what)) => {
                terminal::remark(&messages::compiling(what));
            }
            Some(("Finished" | "Running" | "Blocking" | "Updating" | "Locking" | "Adding", _)) => {}
            _ => {
                kept.push_str(&line);
                kept.push('\n');
            }
        }
    }
    kept
}
