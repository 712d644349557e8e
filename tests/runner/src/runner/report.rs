//! What a test run says to the learner: what passes, and what the first failure means.

use course::failure;
use course::libtest::{self, Test};
use course::map::Lesson;
use course::steps::{HoleEntry, Step};

use super::rows::rows;
use super::target::Target;
use super::terminal::{Paint, paint, plain, say};
use super::{Runner, Stop, function, messages};

/// Whether the first failure of a step is told, or all of them.
#[derive(Clone, Copy)]
pub(super) enum Detail {
    First,
    All,
}

/// How many rows of a failure are shown; plain `cargo test` shows all.
const ROWS: usize = 40;

/// How wide a row is: a terminal of 80 columns without the margin.
const WIDTH: usize = 70;

impl Runner {
    /// Tells the steps that pass and the first that does not; returns how many pass.
    pub(super) fn report(
        &self,
        target: &Target,
        last: u8,
        tests: &[Test],
        detail: Detail,
    ) -> Result<u8, Stop> {
        for number in 1..=last {
            let step = target.step(number);
            let of_step: Vec<&Test> =
                tests.iter().filter(|test| test.step() == Some(number)).collect();
            if of_step.is_empty() {
                return Err(Stop::Because(messages::no_tests(step.id)));
            }
            let passed = of_step.iter().filter(|test| test.passed).count();
            let count = messages::count(passed, of_step.len());
            if passed == of_step.len() {
                let line = format!("✓ {:<55}  {count}", messages::step(step));
                say(paint(Paint::Good, &line));
                continue;
            }
            say(paint(Paint::Bold, &format!("✗ {:<55}  {count}", messages::step(step))));
            let failed: Vec<&Test> = of_step.into_iter().filter(|test| !test.passed).collect();
            self.report_failures(target, step, &failed, detail);
            if tests.iter().all(|test| !test.passed) && self.is_open(target, step) {
                say("");
                say(messages::start_line(&target.lesson));
            }
            if let Some(wanted) = target.step.filter(|wanted| *wanted != step.id) {
                let was_green = self.progress.green(&target.lesson.name) >= number;
                say("");
                say(messages::earlier_first(wanted, step.id, was_green));
            }
            return Ok(number - 1);
        }
        Ok(last)
    }

    /// The first failure in full, the others as a list: one thing at a time, unless all are wanted.
    fn report_failures(&self, target: &Target, step: &Step, failed: &[&Test], detail: Detail) {
        let in_full = match detail {
            Detail::First => 1,
            Detail::All => failed.len(),
        };
        let (shown, others) = failed.split_at(in_full.min(failed.len()));
        for test in shown {
            self.report_failure(target, step, test);
        }
        say(messages::hint(step.id));
        if !others.is_empty() {
            say("");
            say(messages::more(others.len()));
            for test in others {
                say(paint(Paint::Dim, &format!("        · {}", test.sentence())));
            }
            say(messages::all(step.id));
        }
    }

    fn report_failure(&self, target: &Target, step: &Step, test: &Test) {
        let failure = failure::read(test);
        say("");
        say(messages::expected(&paint(Paint::Bold, &test.sentence())));
        let rows: Vec<String> = failure.came.iter().flat_map(|line| coloured_rows(line)).collect();
        for (index, row) in rows.iter().take(ROWS).enumerate() {
            say(messages::came(index, row).trim_end());
        }
        if rows.len() > ROWS {
            say(messages::lines_more(rows.len() - ROWS, &target.lesson, step.id.step));
        }
        let own = target.lesson.starter().to_string_lossy().replace('\\', "/") + "/src/";
        let place = failure.place.as_ref().filter(|place| place.starts_with(&own));
        let places = match place {
            Some(place) if failure.unwritten => vec![place.clone()],
            _ => self.functions(target, step),
        };
        if let Some(place) = place.filter(|_| !failure.unwritten) {
            say(messages::panicked(place));
        }
        for place in places {
            say(messages::edit(&paint(Paint::Accent, &place)));
        }
    }

    /// Whether a task of the step still stands in the code. Not every one is a `todo!`.
    fn is_open(&self, target: &Target, step: &Step) -> bool {
        let folder = self.course.root.join(target.lesson.starter());
        let task = format!("TODO step {}", step.id);
        let has_task = |entry: &HoleEntry| {
            std::fs::read_to_string(folder.join(&entry.file)).is_ok_and(|text| text.contains(&task))
        };
        step.holes.iter().any(has_task)
    }

    /// Every function of the step, and where it stands: which of them is wrong, no one knows.
    fn functions(&self, target: &Target, step: &Step) -> Vec<String> {
        let starter = target.lesson.starter();
        let place = |entry: &HoleEntry| {
            let file = starter.join(&entry.file);
            let text = std::fs::read_to_string(self.course.root.join(&file)).unwrap_or_default();
            let line = function::find(&text, &entry.item).map(|lines| lines.start + 1);
            messages::place(&file, line, &entry.item)
        };
        step.holes.iter().map(place).collect()
    }

    /// Tells what was said in place of test results.
    pub(super) fn no_result(&self, step: &Step, said: &str, why: &str) {
        say(said.trim_end());
        say("");
        say(format!("{}: {}", messages::step(step), paint(Paint::Bad, why)));
        match self.layer_below(step, said) {
            Some(layer) => say(messages::fault_of_a_layer(layer)),
            None if is_fault_of_the_course(said) => say(messages::FAULT_OF_THE_COURSE),
            None => say(messages::hint(step.id)),
        }
    }

    /// The learner's crate under this lesson, if it is what does not compile.
    fn layer_below(&self, step: &Step, said: &str) -> Option<&Lesson> {
        let package = not_compiled(said)?;
        let mut others = self.course.lessons().filter(|lesson| lesson.number != step.id.lesson);
        others.find(|lesson| lesson.starter_package() == package)
    }
}

/// The package that the compiler gave up on.
fn not_compiled(said: &str) -> Option<String> {
    let said = plain(said);
    let behind =
        |line: &str| line.split_once("error: could not compile `").map(|(_, it)| it.to_owned());
    let package = said.lines().find_map(behind)?;
    package.split_once('`').map(|(package, _)| package.to_owned())
}

/// Whether the compiler found no error but in the shared tests.
fn is_fault_of_the_course(said: &str) -> bool {
    let said = plain(said);
    let mut lines = said.lines();
    let mut places = Vec::new();
    while lines.by_ref().any(|line| line.starts_with("error")) {
        places.extend(lines.clone().find_map(|line| line.trim_start().strip_prefix("--> ")));
    }
    // As the compiler writes it: `lessons/01-name/tests/../../../tests/01_name.rs`.
    !places.is_empty() && places.iter().all(|place| place.contains("../tests/"))
}

/// Names the tests that had to be stopped.
pub(super) fn stopped(names: &[String]) {
    if names.is_empty() {
        return;
    }
    say("");
    say(messages::STOPPED);
    for name in names {
        say(paint(Paint::Dim, &format!("        · {}", libtest::function(name))));
    }
}

/// A line in rows; a line of a difference in its colour.
fn coloured_rows(line: &str) -> Vec<String> {
    let colour = match line.chars().next() {
        Some('-') => Some(Paint::Bad),
        Some('+') => Some(Paint::Good),
        _ => None,
    };
    let rows = rows(line, WIDTH).into_iter();
    rows.map(|row| colour.map_or(row.clone(), |colour| paint(colour, &row))).collect()
}
