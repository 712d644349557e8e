//! A lesson's tests, run by cargo on the learner's crate.

use std::io::{BufRead, BufReader, Read};
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Stdio;

use course::environment;
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
    /// The tests began and did not end, for example because a stack overflowed.
    CutShort(String),
}

/// Runs the tests of some steps of a lesson.
pub(super) fn run(root: &Path, lesson: &Lesson, steps: RangeInclusive<u8>) -> Result<Run, Problem> {
    let broken = |error: std::io::Error| {
        let (expected, remedy) = ("cargo to run the tests", "check that cargo is installed");
        Problem::in_file(lesson.starter(), expected, error.to_string(), remedy)
    };
    let colour = if terminal::has_colour() { "always" } else { "never" };
    let mut cargo = environment::command("cargo")
        .args(["test", "--package", &lesson.starter_package(), "--test", "spec"])
        .args(["--color", colour, "--"])
        .args(["--color", "never"])
        .args(steps.map(|step| format!("::s{step}_")))
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(broken)?;
    let stderr = cargo.stderr.take().expect("stderr is piped");
    let compiler = std::thread::spawn(move || watch_compiler(stderr));
    let output = watch_tests(cargo.stdout.take().expect("stdout is piped"));
    cargo.wait().map_err(broken)?;
    let said = compiler.join().expect("reading a pipe does not panic");
    terminal::remark("");
    Ok(match libtest::parse(&output) {
        Some(tests) if output.contains("\ntest result: ") => Run::Ran(tests),
        Some(_) => Run::CutShort(said),
        None => Run::NotCompiled(said),
    })
}

/// Collects what the tests print, and tells at once which of them does not end.
fn watch_tests(stdout: impl Read) -> String {
    let mut output = String::new();
    for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        if line.ends_with(" has been running for over 60 seconds") {
            terminal::say(messages::still_running(&line));
        }
        output.push_str(&line);
        output.push('\n');
    }
    output
}

/// Shows what is being compiled, and keeps what the compiler has to say.
fn watch_compiler(stderr: impl Read) -> String {
    let mut kept = String::new();
    for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        let plain = terminal::plain(&line);
        match plain.trim_start().split_once(' ') {
            Some(("Compiling" | "Downloading" | "Downloaded", what)) => {
                terminal::remark(&messages::compiling(what));
            }
            Some(("Blocking", _)) => terminal::remark(messages::BLOCKED),
            Some(("Finished" | "Running" | "Updating" | "Locking" | "Adding", _)) => {}
            _ => {
                kept.push_str(&line);
                kept.push('\n');
            }
        }
    }
    kept
}
