//! Proof that the lessons work as lessons, from generated text alone.
//!
//! For each lesson two crates are written to `target/verify`: the *starter*, which must compile, and
//! the *switched* crate: the solution, each hole of which asks the environment whether it is
//! missing. One build then serves every state of a learner's progress.

mod crates;
mod run;
mod snapshots;
mod states;

use crate::includes;
use crate::manifest;
use crate::map::{Course, Lesson};
use crate::problem::Problem;
use crate::source::Source;

use crates::Spec;

/// What came of one lesson.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// What was proven, in a line; empty if it never came to that.
    pub summary: String,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
}

/// A written lesson whose crates compile.
pub struct Built {
    source: Source,
    spec: Spec,
}

/// Makes both crates of a written lesson, and builds them.
///
/// # Errors
///
/// What is wrong with the solution or its `steps.md`, or what the compiler said.
pub fn build(course: &Course, lesson: &Lesson) -> Result<Built, Vec<Problem>> {
    let source = Source::load(course, lesson)?;
    let spec = build_crates(&source).map_err(|problem| vec![problem])?;
    Ok(Built { source, spec })
}

/// Verifies one written lesson.
pub fn lesson(course: &Course, lesson: &Lesson, built: Result<Built, Vec<Problem>>) -> Verdict {
    match built.and_then(|built| prove(&built).map_err(|problem| vec![problem])) {
        Ok(mut verdict) => {
            verdict.problems.extend(missing_parts(course, lesson));
            verdict
        }
        Err(problems) => Verdict { summary: String::new(), problems },
    }
}

/// Verifies what belongs to no single lesson: the book's directives, and the transcripts.
pub fn whole(course: &Course) -> Vec<Problem> {
    let mut problems = includes::check(course);
    problems.extend(snapshots::orphans(course));
    problems
}

fn build_crates(source: &Source) -> Result<Spec, Problem> {
    let crates = crates::write(source)?;
    crates.check_starter()?;
    crates.build_switched()
}

fn prove(Built { source, spec }: &Built) -> Result<Verdict, Problem> {
    let proof = states::prove(source, spec)?;
    let counts = [
        count(source.steps.len(), "step"),
        count(source.pairs().len(), "hole"),
        count(proof.tests, "test"),
        count(proof.runs, "run"),
    ];
    Ok(Verdict { summary: counts.join(", "), problems: proof.problems })
}

/// What belongs to a lesson outside of its crate.
fn missing_parts(course: &Course, lesson: &Lesson) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !course.root.join(lesson.chapter()).is_file() {
        problems.push(Problem::in_file(lesson.chapter(), "a chapter", "no file", "write it"));
    }
    match manifest::has_switch(&course.root, &lesson.name) {
        Ok(true) => {}
        Ok(false) => {
            let line = format!("{} = {{ path = {:?} }}", lesson.name, lesson.solution());
            let expected = format!("{line} in the switchboard");
            problems.push(Problem::in_file("Cargo.toml", expected, "no such line", "add it"));
        }
        Err(problem) => problems.push(problem),
    }
    problems
}

/// `1 step`, `2 steps`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
