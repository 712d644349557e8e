//! `cargo course check`: run the tests, and say what the first failure means.

use course::libtest::Test;
use course::map::Lesson;
use course::steps::{HoleEntry, Step};

use super::spec::{self, Run};
use super::target::Target;
use super::terminal::{Paint, paint, remark, say};
use super::{Runner, Stop, failure, messages};

/// How many lines of a failure are shown; plain `cargo test` shows all.
const LINES: usize = 40;

impl Runner {
    pub(super) fn check(&mut self, args: &[String]) -> Result<(), Stop> {
        let (_, called) = self.options(args, &[])?;
        let target = match called {
            Some(called) => Some(self.target(called)?),
            None => self.current()?,
        };
        let Some(target) = target else {
            say(paint(Paint::Good, messages::ALL_DONE));
            return Ok(());
        };
        if !self.test(&target)? {
            return Err(Stop::Told);
        }
        if let Some(next) = self.current()? {
            say("");
            self.next(&next);
        }
        Ok(())
    }

    /// Tests a step and those before it, or a whole lesson; tells and saves what came of it.
    pub(super) fn test(&mut self, target: &Target) -> Result<bool, Stop> {
        let lesson = &target.lesson;
        if !self.course.root.join(lesson.starter()).is_dir() {
            return Err(Stop::Because(messages::no_starter(lesson)));
        }
        let last = target.step.map_or(target.len(), |id| id.step);
        remark(&messages::testing(target.step(last).id));
        let known = self.progress.green(&lesson.name);
        let (green, failed) = match spec::run(&self.course.root, lesson, 1..=last)? {
            Run::Ran(tests) => {
                let green = self.tell(target, last, &tests)?;
                (green, green < last)
            }
            Run::NotCompiled(said) => {
                tell_stopped(target.step(last), &said, messages::NOT_COMPILED);
                (known.min(last - 1), true)
            }
            Run::CutShort(said) => {
                tell_stopped(target.step(last), &said, messages::CUT_SHORT);
                (known.min(last - 1), true)
            }
        };
        // Steps beyond `last` did not run, so what was known of them stays.
        let green = if failed { green } else { green.max(known) };
        self.progress.set_green(&lesson.name, green);
        self.progress.set_at(&lesson.name);
        self.save()?;
        if !failed && self.is_green(target) {
            say("");
            say(paint(Paint::Good, &messages::lesson_done(lesson)));
            let examples = self.examples(lesson);
            messages::after_lesson(lesson, &examples).iter().for_each(say);
        }
        Ok(!failed)
    }

    /// What the lesson has to run, by name.
    fn examples(&self, lesson: &Lesson) -> Vec<String> {
        let folder = self.course.root.join(lesson.starter()).join("examples");
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let names = files.filter_map(|file| file.file_name().into_string().ok());
        let mut examples: Vec<String> =
            names.filter_map(|name| name.strip_suffix(".rs").map(str::to_owned)).collect();
        examples.sort();
        examples
    }

    pub(super) fn save(&self) -> Result<(), Stop> {
        self.progress.save().map_err(|error| Stop::Because(messages::not_saved(&error)))
    }

    /// Tells the steps that pass and the first that does not; returns how many pass.
    fn tell(&self, target: &Target, last: u8, tests: &[Test]) -> Result<u8, Stop> {
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
            self.tell_failures(target, step, &failed);
            if number < last {
                say("");
                say(messages::earlier_first(target.step(last).id, step.id));
            }
            return Ok(number - 1);
        }
        Ok(last)
    }

    /// The first failure in full, the others as a list: one thing at a time.
    fn tell_failures(&self, target: &Target, step: &Step, failed: &[&Test]) {
        let Some((first, others)) = failed.split_first() else { return };
        let failure = failure::read(first);
        say("");
        say(messages::expected(&paint(Paint::Bold, &first.sentence())));
        for (index, line) in failure.came.iter().take(LINES).enumerate() {
            say(messages::came(index, &coloured(line)).trim_end());
        }
        if failure.came.len() > LINES {
            say(messages::lines_more(failure.came.len() - LINES));
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
    fn place(&self, target: &Target, step: &Step, failure: &failure::Failure) -> String {
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
fn tell_stopped(step: &Step, said: &str, why: &str) {
    say(said.trim_end());
    say("");
    say(format!("{}: {}", messages::step(step), paint(Paint::Bad, why)));
    say(messages::hint(step.id));
}

/// A line of a transcript's difference in its colour: `    2       │-server → client   200`.
fn coloured(line: &str) -> String {
    let text = line.split_once('│').map_or(line, |(_, text)| text);
    match text.chars().next() {
        Some('-') => paint(Paint::Bad, line),
        Some('+') => paint(Paint::Good, line),
        _ => line.to_owned(),
    }
}
