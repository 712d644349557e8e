//! Everything the runner says to a learner, in one place, so that a translation can follow.

use course::map::Lesson;
use course::steps::{Step, StepId};

pub(super) const HELP: &str = "\
cargo course                where you are, and what comes next
cargo course list           every step of every lesson

cargo course check          test the step you are at
cargo course check 01       test a lesson; 1.2 tests up to a step
cargo course watch          test again whenever you save
cargo course hint           a hint for the step you are at; ask again for the next
cargo course hint 1.2       for another step; --all shows all three
cargo course book           read the book in the browser; --port N, --build

cargo course solution 01    the solution, once your tests are green; 1.2: a step
cargo course diff 01        from starter to solution, likewise; --force for both
cargo course reset 01       begin again; your work is kept in .course/backup
cargo course use-mine 01    let later lessons run on your crate
cargo course use-theirs 01  let them run on the solution again

For those who write lessons (see CONTRIBUTING.md):
cargo course generate       write lessons/ from solutions/; --check only compares
cargo course verify         prove that the lessons work as lessons
cargo course bless 01       accept the transcripts that the solution writes

Plain cargo works as well: cargo test -p lesson-01-http-message s1_";

pub(super) const START_LINE: &str = "Every test fails now: that is the start line.";
pub(super) const ALL_DONE: &str = "Every lesson that is written is green.";
pub(super) const BOOK: &str = "building the book: the first time takes a minute or two";
pub(super) const WATCH_KEYS: &str = "Enter: test again   h Enter: hint   q Enter: quit";
pub(super) const WATCHING: &str = "waiting for you to save";
pub(super) const UP_TO_DATE: &str = "the starters are what the solutions generate";
pub(super) const BLOCKED: &str = "waiting for another cargo to end";
pub(super) const CUT_SHORT: &str = "the tests began and did not end";
pub(super) const NOT_COMPILED: &str = "the code does not compile yet";

/// What came instead of a transcript; its lines follow, with these signs.
pub(super) const ANOTHER_TRANSCRIPT: &str = "another transcript (- expected, + came)";

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

/// What came instead of a value: `why` is empty, or a colon and the test's own words.
pub(super) fn another_value(why: &str) -> String {
    format!("another value{why}")
}

pub(super) fn value_came(value: &str) -> String {
    format!("+ came      {value}")
}

pub(super) fn value_expected(value: &str) -> String {
    format!("- expected  {value}")
}

pub(super) fn smallest_input(input: &str) -> String {
    format!("smallest input that fails: {input}")
}

pub(super) fn unwritten(task: &str) -> String {
    let title = task.split_once(" (cargo course").map_or(task, |(title, _)| title);
    format!("not yet written: {title}")
}

pub(super) fn edit(place: &str) -> String {
    format!("edit      {place}")
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

pub(super) fn not_green(what: &str, command: &str, lesson: &Lesson) -> String {
    format!(
        "{what} is not green yet; run `cargo course check {}` first, \
             or `cargo course {command} --force`",
        lesson.id()
    )
}

pub(super) fn compiling(what: &str) -> String {
    format!("compiling {what}")
}

pub(super) fn still_running(line: &str) -> String {
    format!("{line}; Ctrl-C ends it. Does a loop wait for what never comes?")
}

pub(super) fn testing(id: StepId) -> String {
    format!("testing step {id}")
}

pub(super) fn step(step: &Step) -> String {
    format!("step {}  {}", step.id, step.title)
}

pub(super) fn count(passed: usize, all: usize) -> String {
    format!("{passed} of {all} tests pass")
}

pub(super) fn earlier_first(wanted: StepId, failed: StepId) -> String {
    format!("Step {failed} comes before step {wanted}, and does not pass (any more).")
}

pub(super) fn lesson_done(lesson: &Lesson) -> String {
    format!("Lesson {} is done: {}.", lesson.id(), lesson.title)
}

pub(super) fn after_lesson(lesson: &Lesson, examples: &[String]) -> Vec<String> {
    let package = lesson.starter_package();
    let id = lesson.id();
    let run = |example| format!("run       cargo run -p {package} --example {example}");
    let mut lines: Vec<String> = examples.iter().map(run).collect();
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
    format!(
        "{} is the starter again; your work is in {}",
        lesson.starter().display(),
        backup.display()
    )
}

pub(super) fn switched(lesson: &Lesson, folder: &std::path::Path) -> String {
    format!("{} is now {}: every later lesson runs on it", lesson.name, folder.display())
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
