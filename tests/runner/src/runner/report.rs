//! What a test run says to the learner: what passes, and what the first failure means.

use course::libtest::Test;
use course::steps::{HoleEntry, Step};

use super::failure::{self, Failure};
use super::rows::rows;
use super::target::Target;
use super::terminal::{Paint, paint, say};
use super::{Runner, Stop, messages};

/// How many rows of a failure are shown; plain `cargo test` shows all.
const ROWS: usize = 40;

/// How wide a row is: a terminal of 80 columns without the margin.
const WIDTH: usize = 70;

impl Runner {
    /// Tells the steps that pass and the first that does not; returns how many pass.
    pub(super) fn report(&self, target: &Target, last: u8, tests: &[Test]) -> Result<u8, Stop> {
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
            let mut failed: Vec<&Test> = of_step.into_iter().filter(|test| !test.passed).collect();
            // As they stand in the file, the simplest first, not as they happened to end.
            let file = self.course.root.join(target.lesson.test_file());
            let text = std::fs::read_to_string(file).unwrap_or_default();
            failed.sort_by_key(|test| text.find(&format!("fn {}(", test.function())));
            self.report_failures(target, step, &failed);
            if number < last {
                say("");
                say(messages::earlier_first(target.step(last).id, step.id));
            }
            return Ok(number - 1);
        }
        Ok(last)
    }

    /// The first failure in full, the others as a list: one thing at a time.
    fn report_failures(&self, target: &Target, step: &Step, failed: &[&Test]) {
        let Some((first, others)) = failed.split_first() else { return };
        let failure = failure::read(first);
        say("");
        say(messages::expected(&paint(Paint::Bold, &first.sentence())));
        let rows: Vec<String> = failure.came.iter().flat_map(|line| coloured_rows(line)).collect();
        for (index, row) in rows.iter().take(ROWS).enumerate() {
            say(messages::came(index, row).trim_end());
        }
        if rows.len() > ROWS {
            say(messages::lines_more(rows.len() - ROWS, &target.lesson, step.id.step));
        }
        say(messages::edit(&paint(Paint::Accent, &self.place(target, step, &failure))));
        say(messages::hint(step.id));
        if !others.is_empty() {
            say("");
            say(messages::more(others.len()));
            for test in others {
                say(paint(Paint::Dim, &format!("        · {}", test.sentence())));
            }
        }
        if failure.unwritten && self.progress.green(&target.lesson.name) == 0 && step.id.step == 1 {
            say("");
            say(messages::START_LINE);
        }
    }

    /// Where to write: where the learner's code panicked, else the first hole of the step that is
    /// still open, else its function.
    fn place(&self, target: &Target, step: &Step, failure: &Failure) -> String {
        let starter = target.lesson.starter();
        let own = starter.to_string_lossy().replace('\\', "/") + "/src/";
        if let Some(place) = failure.place.as_ref().filter(|place| place.starts_with(&own)) {
            return place.clone();
        }
        let line = |entry: &HoleEntry, wanted: &str| {
            let file = starter.join(&entry.file);
            let text = std::fs::read_to_string(self.course.root.join(&file)).ok()?;
            let index = text.lines().position(|line| line.contains(wanted))?;
            Some(format!("{}:{}: `{}`", file.display(), index + 1, entry.item))
        };
        let function = |entry: &HoleEntry| {
            let name = entry.item.rsplit("::").next().unwrap_or(&entry.item);
            line(entry, &format!("fn {name}"))
        };
        let open =
            step.holes.iter().find_map(|entry| line(entry, &format!("TODO step {}", step.id)));
        let written = || step.holes.iter().find_map(function);
        open.or_else(written).unwrap_or_else(|| starter.display().to_string())
    }
}

/// Tells what cargo said in place of test results.
pub(super) fn stopped(step: &Step, said: &str, why: &str) {
    say(said.trim_end());
    say("");
    say(format!("{}: {}", messages::step(step), paint(Paint::Bad, why)));
    say(messages::hint(step.id));
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
