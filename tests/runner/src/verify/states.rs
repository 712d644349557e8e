//! The states of a learner's progress, and whether the tests tell them apart.
//!
//! With the holes of steps N and later missing, every test of step N fails and names the step, and
//! the tests of the steps before pass. With a single hole missing, a test of its step fails.

use std::collections::BTreeSet;
use std::iter;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::crates::{MISSING, Spec};
use crate::environment;
use crate::holes::HoleId;
use crate::libtest::{self, Test};
use crate::problem::Problem;
use crate::source::Source;

/// How long all tests of a lesson may take in one state. A test has deadlines of its own; this one
/// is for a test that forgot them.
const DEADLINE: Duration = Duration::from_secs(120);

/// How many states are tried at a time.
const AT_ONCE: usize = 4;

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

    let states = states(source);
    prover.proof.runs = states.len();
    for (state, tests) in states.iter().zip(prover.run_all(&states)?) {
        match *state {
            State::From(step) => prover.check_progress(step, &tests),
            State::Without(hole) => prover.check_hole(hole, &tests),
        }
    }
    Ok(prover.proof)
}

/// What is written and what is not.
#[derive(Clone, Copy)]
enum State {
    /// All steps before this one.
    From(u8),
    /// Everything but this hole.
    Without(HoleId),
}

/// Every state that is to be proven.
fn states(source: &Source) -> Vec<State> {
    let last = u8::try_from(source.steps.len() + 1).unwrap_or(u8::MAX);
    let progress = (1..=last).rev().map(State::From);
    let holes = source.pairs().into_iter().map(|pair| State::Without(pair.hole.id));
    progress.chain(holes).collect()
}

impl State {
    fn missing(self, source: &Source) -> Vec<HoleId> {
        match self {
            Self::Without(hole) => vec![hole],
            Self::From(step) => {
                let holes = source.pairs().into_iter().map(|pair| pair.hole.id);
                holes.filter(|id| id.step.step >= step).collect()
            }
        }
    }
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
    fn check_progress(&mut self, from: u8, tests: &[Test]) {
        let written = match from {
            from if usize::from(from) > self.source.steps.len() => {
                "with every step written".to_owned()
            }
            1 => "with no step written".to_owned(),
            from => format!("with step {} and later ones unwritten", self.id(from)),
        };
        for test in tests {
            let Some(step) = test.step() else { continue };
            if step < from && !test.passed {
                self.problem(
                    format!("{} to pass {written}", test.name),
                    reason(test),
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
                    reason(test),
                    "begin the test with `let _step = transcript::step!();`",
                );
            }
        }
    }

    /// Everything is written but one hole.
    fn check_hole(&mut self, id: HoleId, tests: &[Test]) {
        if tests.iter().any(|test| !test.passed && test.step() == Some(id.step.step)) {
            return;
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
    }

    /// Runs the tests in each state, several states at once: over real sockets, a test of what is not
    /// written waits for its deadline.
    fn run_all(&self, states: &[State]) -> Result<Vec<Vec<Test>>, Problem> {
        let next = AtomicUsize::new(0);
        let work = || -> Vec<(usize, Result<Vec<Test>, Problem>)> {
            let indices = iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
            let indices = indices.take_while(|index| *index < states.len());
            indices.map(|index| (index, self.run(states[index]))).collect()
        };
        let mut outcomes: Vec<_> = thread::scope(|scope| {
            let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
            let joined = workers.into_iter().map(|worker| worker.join());
            joined.flat_map(|outcomes| outcomes.expect("running a test does not panic")).collect()
        });
        outcomes.sort_by_key(|(index, _)| *index);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    fn run(&self, state: State) -> Result<Vec<Test>, Problem> {
        let output = self.spawn(&[], &state.missing(self.source))?;
        Ok(libtest::parse(&output).unwrap_or_default())
    }

    fn spawn(&self, args: &[&str], missing: &[HoleId]) -> Result<String, Problem> {
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
        let stdout = child.stdout.take().expect("stdout is piped");
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send(std::io::read_to_string(stdout)));
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
