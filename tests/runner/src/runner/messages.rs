//! Everything the runner says to a learner, in one place, so that a translation can follow.

use std::time::Duration;

use course::map::Lesson;
use course::steps::{Step, StepId};

use super::terminal::COLUMNS;

pub(super) const ALL_DONE: &str = "Every lesson that is written is green.";
pub(super) const BOOK: &str = "building the book: the first time takes a minute or two";
pub(super) const BOOK_OPTIONS: &str = "\
expected nothing, --build, or --port and a number; \
for example `cargo course book --port 4000`";
pub(super) const WATCH_KEYS: &str = "Enter: test again   h Enter: hint   q Enter: quit";
pub(super) const WATCHING: &str = "waiting for you to save";
pub(super) const UP_TO_DATE: &str = "the starters are what the solutions generate";
pub(super) const BLOCKED: &str = "waiting for another cargo to end";
pub(super) const CUT_SHORT: &str = "the tests began and did not end";
pub(super) const NOT_BEGUN: &str = "has had no turn: others did not end";
pub(super) const ASKING_AGAIN: &str = "asking again why the others failed";
pub(super) const FAULT_OF_THE_COURSE: &str = "\
The error lies in the tests, which are the course's. Did you change a name or a
signature that was given? If not, it is a fault of the course: please report it.";
pub(super) const NOT_COMPILED: &str = "the code does not compile yet";

/// It does not compile, and another lesson runs on it.
pub(super) fn fault_of_a_layer(lesson: &Lesson) -> String {
    let (id, folder) = (lesson.id(), lesson.starter());
    format!(
        "The error lies in lesson {id}: your crate is under this one since `use-mine {id}`.\n\
         Mend {}, or take it out: cargo course use-theirs {id}",
        folder.display()
    )
}

pub(super) const PLANNED: &str = "planned";
pub(super) const MINE: &str = "mine";
pub(super) const CHECK: &str = "check     cargo course check   (at every save: cargo course watch)";

pub(super) const PROVEN: &str = "proven";

pub(super) fn wrong(problems: usize) -> String {
    format!("{problems} wrong, see below")
}

pub(super) fn expected(sentence: &str) -> String {
    format!("expected  {sentence}")
}

/// What came, or a further line of it.
pub(super) fn came(index: usize, line: &str) -> String {
    let margin = if index == 0 { "came" } else { "" };
    format!("{margin:<9} {line}")
}

pub(super) fn lines_more(count: usize, lesson: &Lesson, step: u8) -> String {
    let package = lesson.starter_package();
    format!("          … {count} lines more: cargo test -p {package} s{step}_")
}

/// The two sides of a comparison.
pub(super) const YOURS: &str = "yours";
pub(super) const SOLUTION: &str = "the solution";
pub(super) const SAME: &str = "the same";

pub(super) fn at(id: StepId, place: &str) -> String {
    format!("step {id}  {place}")
}

pub(super) fn stack(application: &Lesson, mine: usize, all: usize) -> String {
    format!("Of the crates under {}, {mine} of {all} are yours.", application.name)
}

pub(super) fn edit(place: &str) -> String {
    format!("edit      {place}")
}

/// A function and where it stands, on a second line where one is too short.
pub(super) fn place(file: &std::path::Path, line: Option<usize>, item: &str) -> String {
    let line = line.map_or(String::new(), |line| format!(":{line}"));
    let file = format!("{}{line}:", file.display());
    let margin = edit("").len();
    match margin + file.len() + item.len() + " ``".len() > COLUMNS {
        true => format!("{file}\n{:margin$}`{item}`", ""),
        false => format!("{file} `{item}`"),
    }
}

pub(super) fn panicked(place: &str) -> String {
    format!("panicked  {place}")
}

pub(super) fn start_line(lesson: &Lesson) -> String {
    format!("Every test of lesson {} fails now: that is the start line.", lesson.id())
}

pub(super) fn not_ended(limit: Duration) -> String {
    format!(
        "has not ended after {} s:\nis there a loop that never waits or moves on, or a lock taken twice?",
        limit.as_secs()
    )
}

pub(super) const STOPPED: &str = "stopped, for want of an end:";

pub(super) fn all(id: StepId) -> String {
    format!("show      cargo course check {id} --all")
}

pub(super) fn hint(id: StepId) -> String {
    format!("hint      cargo course hint {id}")
}

pub(super) fn read(lesson: &Lesson) -> String {
    let minutes = lesson.minutes.map(|minutes| format!(", {minutes} minutes"));
    format!(
        "read      cargo course book   (chapter {}{})",
        lesson.id(),
        minutes.unwrap_or_default()
    )
}

pub(super) fn unknown_command(unknown: &str, nearest: &str) -> String {
    format!(
        "there is no command `{unknown}`; did you mean `cargo course {nearest}`? \
             `cargo course help` lists them all"
    )
}

pub(super) fn unknown_option(unknown: &str, known: &[&str]) -> String {
    match known {
        [] => format!("this command takes no option, and {unknown} came; leave it out"),
        known => format!("expected {}, came {unknown}; mend or leave it out", known.join(" or ")),
    }
}

pub(super) fn one_argument(extra: &str) -> String {
    format!("expected one lesson or step, came `{extra}` too; leave it out")
}

pub(super) fn unknown_lesson(called: &str) -> String {
    format!("expected a lesson such as 01, came `{called}`; `cargo course list` shows them")
}

pub(super) fn unknown_target(called: &str) -> String {
    format!(
        "expected a lesson such as 01 or a step such as 1.2, came `{called}`; \
             `cargo course list` shows them"
    )
}

pub(super) fn unknown_step(id: StepId, lesson: &Lesson, steps: u8) -> String {
    let number = lesson.number;
    format!(
        "expected a step from {number}.1 to {number}.{steps}, came {id}; \
             `cargo course list` shows them"
    )
}

pub(super) fn not_a_step(called: &str, command: &str, lesson: &Lesson) -> String {
    format!(
        "expected a lesson, came the step {called}; for the whole lesson: \
             `cargo course {command} {}`",
        lesson.id()
    )
}

pub(super) fn name_a_lesson(command: &str) -> String {
    format!("expected a lesson, came none; for example `cargo course {command} 01`")
}

pub(super) fn planned(lesson: &Lesson) -> String {
    format!(
        "lesson {} ({}) is planned and not written yet; \
             `cargo course list` shows what is",
        lesson.id(),
        lesson.title
    )
}

pub(super) fn no_starter(lesson: &Lesson) -> String {
    format!(
        "expected your crate in {}, came no such folder; \
             `cargo course reset {}` brings it",
        lesson.starter().display(),
        lesson.id()
    )
}

pub(super) fn no_tests(id: StepId) -> String {
    format!("expected tests of step {id}, came none; has a file of the course been changed?")
}

pub(super) fn not_saved(error: &std::io::Error) -> String {
    format!("progress could not be saved in .course: {error}; check the folder's permissions")
}

/// What is called `lesson 01` and checked by `check 01`, or `step 1.2` and `check 1.2`.
pub(super) fn not_green(kind: &str, id: &str, command: &str) -> String {
    format!(
        "{kind} {id} is not green yet; run `cargo course check {id}` first, \
             or `cargo course {command} {id} --force`"
    )
}

pub(super) fn compiling(what: &str) -> String {
    format!("compiling {what}")
}

pub(super) fn testing(lesson: &Lesson, step: u8) -> String {
    format!("testing step {}", StepId { lesson: lesson.number, step })
}

pub(super) fn step(step: &Step) -> String {
    format!("step {}  {}", step.id, step.title)
}

pub(super) fn count(passed: usize, all: usize) -> String {
    format!("{passed} of {all} tests pass")
}

pub(super) fn earlier_first(wanted: StepId, failed: StepId, was_green: bool) -> String {
    let when = match was_green {
        true => format!("any more: look at what you wrote for step {wanted}, too"),
        false => "yet".to_owned(),
    };
    format!("Step {failed} comes before step {wanted}, and does not pass {when}.")
}

pub(super) fn lesson_done(lesson: &Lesson) -> String {
    format!("Lesson {} is done: {}.", lesson.id(), lesson.title)
}

pub(super) fn after_lesson(lesson: &Lesson, to_run: &[String]) -> Vec<String> {
    let package = lesson.starter_package();
    let id = lesson.id();
    let run = |what| format!("run       cargo run -p {package} {what}");
    let mut lines: Vec<String> = to_run.iter().map(run).collect();
    lines.push(format!("all tests cargo test -p {package}   (what is measured, too)"));
    lines.push(format!("compare   cargo course diff {id}"));
    lines.push(format!("build on  cargo course use-mine {id}   (later lessons run on your crate)"));
    lines
}

pub(super) fn next(step: &Step) -> String {
    format!("next      step {}  {}", step.id, step.title)
}

pub(super) fn more(count: usize) -> String {
    format!("and {count} more to make pass:")
}

pub(super) fn hint_title(step: &Step, number: usize, of: usize) -> String {
    format!("step {}  {}: hint {number} of {of}", step.id, step.title)
}

pub(super) fn more_hints(id: StepId) -> String {
    format!("more      cargo course hint {id}")
}

pub(super) fn last_hint(id: StepId) -> String {
    format!("That was the last hint. After all: cargo course solution {id} --force")
}

pub(super) fn backed_up(lesson: &Lesson, backup: &std::path::Path) -> String {
    let (starter, backup) = (lesson.starter(), backup.display());
    let starter = starter.display();
    format!(
        "{starter} is the starter again.
your work is in {backup}
to have it back: copy that folder over {starter}"
    )
}

pub(super) fn untouched(lesson: &Lesson) -> String {
    format!("{} is the starter, and was: there was nothing to keep", lesson.starter().display())
}

pub(super) fn switched(lesson: &Lesson, folder: &std::path::Path) -> String {
    format!("{} is now {}:\nevery later lesson runs on it", lesson.name, folder.display())
}

pub(super) fn no_switch(lesson: &Lesson) -> String {
    format!(
        "expected {} in the switchboard of Cargo.toml, came none; \
             no other crate uses this lesson",
        lesson.name
    )
}

pub(super) fn watching_nothing() -> String {
    format!("{ALL_DONE} There is nothing to watch; `cargo course watch 01` watches a lesson.")
}
