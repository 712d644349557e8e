//! The states of a learner's progress, and whether the tests tell them apart.
//!
//! With the holes of steps N and later missing, every test of step N fails and names the step, and
//! the tests of the steps before pass. With a single hole missing, a test of its step fails: the
//! first one that does ends the run.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::iter;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::crates::{MISSING, Spec};
use super::run::{Run, runs};
use crate::environment;
use crate::failure::{self, Failure};
use crate::holes::HoleId;
use crate::libtest::{self, Test};
use crate::problem::Problem;
use crate::source::Source;

/// How long all tests of a lesson may take in one state. A test has deadlines of its own; this one
/// is for a test that forgot them.
const DEADLINE: Duration = Duration::from_secs(120);

/// How many runs there are at a time: most of those that are to fail wait for a deadline.
const AT_ONCE: usize = 8;

/// What the states showed.
#[derive(Default)]
pub(super) struct Proof {
    pub(super) runs: usize,
    pub(super) tests: usize,
    pub(super) problems: Vec<Problem>,
}

/// Runs every state of the lesson.
pub(super) fn prove(source: &Source, spec: &Spec) -> Result<Proof, Problem> {
    let mut prover = Prover { source, spec, names: Vec::new(), proof: Proof::default() };
    prover.names = libtest::parse_list(&prover.spawn(&["--list".to_owned()], &[], |_| false)?);
    prover.proof.tests = prover.names.len();
    prover.check_names();

    let runs = runs(source);
    prover.proof.runs = runs.len();
    for (run, tests) in runs.iter().zip(prover.run_all(&runs)?) {
        match *run {
            Run::Before(step) => prover.check_passed(step, &tests),
            Run::Of(step) => prover.check_failed(step, &tests),
            Run::Without(hole) => prover.check_hole(hole, &tests),
        }
    }
    Ok(prover.proof)
}

struct Prover<'a> {
    source: &'a Source,
    spec: &'a Spec,
    /// Every test of the lesson.
    names: Vec<String>,
    proof: Proof,
}

impl Prover<'_> {
    /// Every test belongs to a step, and every step has one.
    fn check_names(&mut self) {
        let known: BTreeSet<u8> = self.source.steps.iter().map(|step| step.id.step).collect();
        let mut tested = BTreeSet::new();
        for name in self.names.clone() {
            match libtest::step(&name).filter(|step| known.contains(step)) {
                Some(step) => drop(tested.insert(step)),
                None => self.problem(
                    "a test named after a step of steps.md, such as s1_…",
                    name,
                    "rename it",
                ),
            }
        }
        for step in self.source.steps.iter().filter(|step| !tested.contains(&step.id.step)) {
            let expected = format!("a test of step {}, named s{}_…", step.id, step.id.step);
            self.problem(expected, "none", "write one");
        }
    }

    /// The steps before `from` are written, the others are not.
    fn check_passed(&mut self, from: u8, tests: &[Test]) {
        let written = match from {
            from if usize::from(from) > self.source.steps.len() => {
                "with every step written".to_owned()
            }
            from => self.unwritten(from),
        };
        for test in tests.iter().filter(|test| !test.passed) {
            self.problem(
                format!("{} to pass {written}", test.name),
                reason(test),
                "let it need no later step, or mend the solution",
            );
        }
    }

    /// The tests of a step that is not written.
    fn check_failed(&mut self, step: u8, tests: &[Test]) {
        for test in tests {
            if test.passed {
                self.problem(
                    format!("{} to fail {}", test.name, self.unwritten(step)),
                    "a test that passes",
                    format!("assert something that step {} brings", self.id(step)),
                );
            } else if !names_step(&test.output, &self.id(step)) {
                self.problem(
                    format!("the failure of {} to name step {}", test.name, self.id(step)),
                    reason(test),
                    "begin the test with `let _step = transcript::step!();`",
                );
            } else if let Some(came) = not_helpful(&failure::read(test)) {
                self.problem(
                    format!("the failure of {} to say what came, and that alone", test.name),
                    came,
                    "assert with a reason, or let tests/runner/src/failure.rs leave it out",
                );
            }
        }
    }

    /// Everything is written but one hole.
    fn check_hole(&mut self, id: HoleId, tests: &[Test]) {
        if tests.iter().any(|test| !test.passed) {
            return;
        }
        let pair = self.source.hole(id).expect("the id came from a hole");
        let expected = format!("a test of step {} that fails without hole {}", id.step, id);
        let file = self.source.lesson.solution().join(&pair.entry.file);
        let remedy =
            format!("test what `{}` does, in tests named s{}_…", pair.entry.item, id.step.step);
        let problem = Problem::in_file(file, expected, "none that does", remedy);
        self.proof.problems.push(problem.at_line(pair.hole.lines.start + 1));
    }

    /// Makes all runs, several at once.
    fn run_all(&self, runs: &[Run]) -> Result<Vec<Vec<Test>>, Problem> {
        let next = AtomicUsize::new(0);
        let work = || -> Vec<(usize, Result<Vec<Test>, Problem>)> {
            let indices = iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
            let indices = indices.take_while(|index| *index < runs.len());
            indices.map(|index| (index, self.run(runs[index]))).collect()
        };
        let mut outcomes: Vec<_> = thread::scope(|scope| {
            let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
            let joined = workers.into_iter().map(|worker| worker.join());
            joined.flat_map(|outcomes| outcomes.expect("running a test does not panic")).collect()
        });
        outcomes.sort_by_key(|(index, _)| *index);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    fn run(&self, run: Run) -> Result<Vec<Test>, Problem> {
        let missing = run.missing(self.source);
        let output = self.spawn(&run.args(), &missing, |line| run.ends_at(line))?;
        let mut tests = libtest::parse(&output).unwrap_or_default();
        // One that did not end did not pass: what it did ended all of them.
        for name in self.names.iter().filter(|name| run.includes(name)) {
            if !tests.iter().any(|test| test.name == *name) {
                tests.push(Test { name: name.clone(), passed: false, output: String::new() });
            }
        }
        Ok(tests)
    }

    /// Runs the test binary up to a line that `is_last`: what it printed.
    fn spawn(
        &self,
        args: &[String],
        missing: &[HoleId],
        is_last: impl Fn(&str) -> bool,
    ) -> Result<String, Problem> {
        let missing: Vec<String> = missing.iter().map(HoleId::to_string).collect();
        let failed = |came: String, remedy: &str| {
            let expected = format!("the tests to end without the holes [{}]", missing.join(", "));
            Problem::in_file(self.file(), expected, came, remedy)
        };
        let broken = |error: std::io::Error| failed(error.to_string(), "look at the build");
        let Spec { binary, dir, root } = self.spec;
        let mut child = environment::spec(binary, dir, root)
            .args(args)
            .env(MISSING, missing.join(","))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(broken)?;
        let lines = BufReader::new(child.stdout.take().expect("stdout is piped")).split(b'\n');
        let (sender, heard) = mpsc::channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let (mut output, end) = (String::new(), Instant::now() + DEADLINE);
        let is_late = loop {
            match heard.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    let line = String::from_utf8_lossy(&line);
                    output.extend([&*line, "\n"]);
                    if is_last(&line) {
                        break false;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break false,
                Err(RecvTimeoutError::Timeout) => break true,
            }
        };
        child.kill().map_err(broken)?; // it may have ended
        child.wait().map_err(broken)?;
        if is_late {
            let came = format!("no end within {} s", DEADLINE.as_secs());
            return Err(failed(came, "give each await a deadline, and join every task"));
        }
        Ok(output)
    }

    fn problem(
        &mut self,
        expected: impl Into<String>,
        came: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.proof.problems.push(Problem::in_file(self.file(), expected, came, remedy));
    }

    fn unwritten(&self, step: u8) -> String {
        match step {
            1 => "with no step written".to_owned(),
            step => format!("with step {} and later ones unwritten", self.id(step)),
        }
    }

    fn file(&self) -> PathBuf {
        self.source.lesson.test_file()
    }

    fn id(&self, step: u8) -> String {
        format!("{}.{step}", self.source.lesson.number)
    }
}

/// Whether a text says `step 1.2`, with whatever space between.
fn names_step(output: &str, id: &str) -> bool {
    let words: Vec<&str> = output.split_whitespace().collect();
    words.windows(2).any(|pair| pair[0] == "step" && pair[1].trim_end_matches([':', ',']) == id)
}

/// What the runner would show that helps nobody.
fn not_helpful(failure: &Failure) -> Option<String> {
    match failure.came.is_empty() {
        true => Some("nothing".to_owned()),
        false => failure.noise().map(|line| format!("{line:?}")),
    }
}

/// What a failed test said, in a line.
fn reason(test: &Test) -> String {
    let mut lines = test.output.lines().skip_while(|line| !line.contains("panicked at ")).skip(1);
    match lines.next() {
        Some(line) => format!("\"{}\"", line.trim()),
        None => "a failure without a panic message".to_owned(),
    }
}
