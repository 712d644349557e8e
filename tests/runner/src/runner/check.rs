//! `cargo course check`: run the tests, and keep what is green.

use course::map::Lesson;

use super::report::{self, Detail};
use super::spec::{self, Run};
use super::target::Target;
use super::terminal::{Paint, paint, say};
use super::{Runner, Stop, messages};

/// What the tests said of a target.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Green,
    Red,
    /// Nothing: the code was saved while they ran.
    Stale,
}

impl Runner {
    pub(super) fn check(&mut self, args: &[String]) -> Result<(), Stop> {
        let (options, called) = self.options(args, &["--all"])?;
        let detail = if options.is_empty() { Detail::First } else { Detail::All };
        let target = match called {
            Some(called) => Some(self.target(called)?),
            None => self.current()?,
        };
        let Some(target) = target else {
            say(paint(Paint::Good, messages::ALL_DONE));
            return Ok(());
        };
        self.progress.set_at(&target.lesson.name);
        if self.test(&target, detail, &|| false)? != Verdict::Green {
            return Err(Stop::Told);
        }
        self.tell_done(&target);
        if let Some(next) = self.current()? {
            say("");
            self.next(&next);
        }
        Ok(())
    }

    /// Tests a step and those before it, or a whole lesson; tells and saves what came of it.
    pub(super) fn test(
        &mut self,
        target: &Target,
        detail: Detail,
        is_stale: &dyn Fn() -> bool,
    ) -> Result<Verdict, Stop> {
        let lesson = &target.lesson;
        if !self.course.root.join(lesson.starter()).is_dir() {
            return Err(Stop::Because(messages::no_starter(lesson)));
        }
        let last = target.step.map_or(target.len(), |id| id.step);
        let known = self.progress.green(&lesson.name);
        let (green, failed) = match spec::run(&self.course.root, lesson, 1..=last, is_stale)? {
            Run::Ran { tests, stopped } => {
                let green = self.report(target, last, &tests, detail)?;
                report::stopped(&stopped);
                (green, green < last)
            }
            Run::NotCompiled(said) => {
                self.no_result(target.step(last), &said, messages::NOT_COMPILED);
                (known.min(last - 1), true)
            }
            Run::CutShort(said) => {
                self.no_result(target.step(last), &said, messages::CUT_SHORT);
                (known.min(last - 1), true)
            }
            Run::Stale => return Ok(Verdict::Stale),
        };
        // Steps beyond `last` did not run, so what was known of them stays.
        let green = if failed { green } else { green.max(known) };
        self.progress.set_green(&lesson.name, green);
        self.save()?;
        Ok(if failed { Verdict::Red } else { Verdict::Green })
    }

    /// What a lesson that is green brings.
    pub(super) fn tell_done(&self, target: &Target) {
        if self.is_green(target) {
            say("");
            say(paint(Paint::Good, &messages::lesson_done(&target.lesson)));
            let to_run = self.to_run(&target.lesson);
            messages::after_lesson(&target.lesson, &to_run).iter().for_each(say);
        }
    }

    /// What the lesson has to run, behind its package: its program, or its examples if it is none.
    fn to_run(&self, lesson: &Lesson) -> Vec<String> {
        let starter = self.course.root.join(lesson.starter());
        if starter.join("src/main.rs").exists() {
            return vec![format!("-- --port 40{}", lesson.id())];
        }
        let files = std::fs::read_dir(starter.join("examples")).into_iter().flatten().flatten();
        let names = files.filter_map(|file| file.file_name().into_string().ok());
        let mut examples: Vec<String> = names
            .filter_map(|name| Some(format!("--example {}", name.strip_suffix(".rs")?)))
            .collect();
        examples.sort();
        examples
    }

    pub(super) fn save(&self) -> Result<(), Stop> {
        self.progress.save().map_err(|error| Stop::Because(messages::not_saved(&error)))
    }
}
