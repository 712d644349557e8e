//! The states of a learner's progress, and whether the tests tell them apart.
//!
//! With the holes of steps N and later missing, every test of step N fails and names the step, and
//! the tests of the steps before pass. With a single hole missing, a test of its step fails.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::crates::{MISSING, Spec};
use crate::holes::HoleId;
use crate::libtest::{self, Test};
use crate::problem::Problem;
use crate::source::Source;

/// How long all tests of a lesson may take in one state. A test has deadlines of its own; this one
/// is for a test that forgot them.
const DEADLINE: Duration = Duration::from_secs(120);

/// What the states showed.
#[derive(Default)]
pub(super) struct Proof {
    pub(super) runs: usize,
    pub(super) tests: usize,
    pub(super) problems: Vec<Problem>,
}

/// Runs every state of the lesson.
pub(super) fn prove(source: &Source, spec: &Spec) -> Result<Proof, Problem> {
    let mut prover = Prover { source, spec, proof: Proof::default() };
    let listed = prover.spawn(&["--list"], &[])?;
    let names = libtest::parse_list(&listed);
    prover.proof.tests = names.len();
    prover.check_names(&names);

    let last = source.steps.len() + 1;
    for missing_from in (1..=last).rev() {
        prover.check_progress(u8::try_from(missing_from).unwrap_or(u8::MAX))?;
    }
    for pair in source.pairs() {
        prover.check_hole(pair.hole.id)?;
    }
    Ok(prover.proof)
}

struct Prover<'a> {
    source: &'a Source,
    spec: &'a Spec,
    proof: Proof,
}

impl Prover<'_> {
    /// Every test belongs to a step, and every step has one.
    fn check_names(&mut self, names: &[String]) {
        let known: BTreeSet<u8> = self.source.steps.iter().map(|step| step.id.step).collect();
        let mut tested = BTreeSet::new();
        for name in names {
            match libtest::step(name).filter(|step| known.contains(step)) {
                Some(step) => drop(tested.insert(step)),
                None => self.problem(
                    "a test named after a step of steps.md, such as s1_…",
                    name.clone(),
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
    fn check_progress(&mut self, from: u8) -> Result<(), Problem> {
        let holes = self.source.pairs().into_iter().map(|pair| pair.hole.id);
        let missing: Vec<HoleId> = holes.filter(|id| id.step.step >= from).collect();
        let written = match from {
            _ if missing.is_empty() => "with every step written".to_owned(),
            1 => "with no step written".to_owned(),
            from => format!("with step {} and later ones unwritten", self.id(from)),
        };
        for test in self.run(&missing)? {
            let Some(step) = test.step() else { continue };
            if step < from && !test.passed {
                self.problem(
                    format!("{} to pass {written}", test.name),
                    reason(&test),
                    "let it need no later step, or mend the solution",
                );
            } else if step == from && test.passed {
                self.problem(
                    format!("{} to fail {written}", test.name),
                    "a test that passes",
                    format!("assert something that step {} brings", self.id(step)),
                );
            } else if step == from && !names_step(&test.output, &self.id(step)) {
                self.problem(
                    format!("the failure of {} to name step {}", test.name, self.id(step)),
                    reason(&test),
                    "begin the test with `let _step = transcript::step!();`",
                );
            }
        }
        Ok(())
    }

    /// Everything is written but one hole.
    fn check_hole(&mut self, id: HoleId) -> Result<(), Problem> {
        let tests = self.run(&[id])?;
        if tests.iter().any(|test| !test.passed && test.step() == Some(id.step.step)) {
            return Ok(());
        }
        let pair = self.source.hole(id).expect("the id came from a hole");
        let expected = format!("a test of step {} that fails without hole {}", id.step, id);
        let came = match tests.iter().find(|test| !test.passed) {
            Some(test) => format!("only {} to fail", test.name),
            None => "no failing test".to_owned(),
        };
        let file = self.source.lesson.solution().join(&pair.entry.file);
        let remedy =
            format!("test what `{}` does, in tests named s{}_…", pair.entry.item, id.step.step);
        let problem = Problem::in_file(file, expected, came, remedy);
        self.proof.problems.push(problem.at_line(pair.hole.lines.start + 1));
        Ok(())
    }

    fn run(&mut self, missing: &[HoleId]) -> Result<Vec<Test>, Problem> {
        self.proof.runs += 1;
        let output = self.spawn(&[], missing)?;
        Ok(libtest::parse(&output).unwrap_or_default())
    }

    fn spawn(&self, args: &[&str], missing: &[HoleId]) -> Result<String, Problem> {
        let missing: Vec<String> = missing.iter().map(HoleId::to_string).collect();
        let failed = |came: String, remedy: &str| {
            let expected = format!("the tests to end without the holes [{}]", missing.join(", "));
            Problem::in_file(self.file(), expected, came, remedy)
        };
        let broken = |error: std::io::Error| failed(error.to_string(), "look at the build");
        let mut child = Command::new(&self.spec.binary)
            .args(args)
            .current_dir(&self.spec.dir)
            .env(MISSING, missing.join(","))
            .env("CARGO_MANIFEST_DIR", &self.spec.dir)
            .env("INSTA_UPDATE", "no")
            .env("INSTA_WORKSPACE_ROOT", &self.spec.root)
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(broken)?;
        let stdout = child.stdout.take().expect("stdout is piped");
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || sender.send(std::io::read_to_string(stdout)));
        let ended = receiver.recv_timeout(DEADLINE);
        if ended.is_err() {
            child.kill().map_err(broken)?;
        }
        child.wait().map_err(broken)?;
        match ended {
            Ok(output) => output.map_err(broken),
            Err(_) => Err(failed(
                format!("no end within {} s", DEADLINE.as_secs()),
                "give each await a deadline, and join every task",
            )),
        }
    }

    fn problem(
        &mut self,
        expected: impl Into<String>,
        came: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.proof.problems.push(Problem::in_file(self.file(), expected, came, remedy));
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

/// What a failed test said, in a line.
fn reason(test: &Test) -> String {
    let mut lines = test.output.lines().skip_while(|line| !line.contains("panicked at ")).skip(1);
    match lines.next() {
        Some(line) => format!("\"{}\"", line.trim()),
        None => "a failure without a panic message".to_owned(),
    }
}
