//! `cargo course` and `cargo course list`: the map.

use course::map::{Lesson, Part};
use course::{layers, steps};

use super::target::Target;
use super::terminal::{Paint, paint, say};
use super::{Runner, Stop, messages, switchboard};

/// The longest title, so that the bars stand below each other within 80 columns.
const TITLE: usize = 56;

impl Runner {
    /// Where you are, the map, and what comes next.
    pub(super) fn overview(&self) -> Result<(), Stop> {
        let current = self.current()?;
        let here = current.as_ref().map(|target| target.lesson.number);
        for part in &self.course.parts {
            self.part(part, here);
        }
        self.stack()?;
        say("");
        match current {
            Some(target) => self.next(&target),
            None => say(paint(Paint::Good, messages::ALL_DONE)),
        }
        Ok(())
    }

    /// Every step of every lesson, or of one.
    pub(super) fn list(&self, args: &[String]) -> Result<(), Stop> {
        let (_, called) = self.options(args, &[])?;
        let only = called.map(|called| self.whole_lesson(Some(called), "list")).transpose()?;
        let is_wanted = |lesson: &&Lesson| only.as_ref().is_none_or(|only| only.lesson == **lesson);
        for lesson in self.course.lessons().filter(is_wanted) {
            if !lesson.is_written(&self.course.root) {
                say(paint(
                    Paint::Dim,
                    &format!("{}  {} ({})", lesson.id(), lesson.title, messages::PLANNED),
                ));
                continue;
            }
            say(paint(Paint::Bold, &format!("{}  {}", lesson.id(), lesson.title)));
            let green = self.progress.green(&lesson.name);
            for step in steps::load(&self.course, lesson)? {
                let mark = mark(step.id.step <= green);
                say(format!("  {mark} {}  {}", step.id, step.title));
            }
        }
        Ok(())
    }

    /// What to read, edit and run for the step that comes next.
    pub(super) fn next(&self, target: &Target) {
        let Some(id) = target.step else { return };
        let step = target.step(id.step);
        if self.progress.green(&target.lesson.name) == 0 {
            say(messages::start_line(&target.lesson));
        }
        say(paint(Paint::Bold, &messages::next(step)));
        for entry in &step.holes {
            let file = target.lesson.starter().join(&entry.file);
            say(messages::edit(&messages::place(&file, None, &entry.item)));
        }
        say(messages::read(&target.lesson));
        say(messages::CHECK);
        say(messages::hint(id));
    }

    fn part(&self, part: &Part, here: Option<u8>) {
        say(paint(Paint::Bold, &part.title));
        for lesson in &part.lessons {
            let arrow = if here == Some(lesson.number) { "▸" } else { " " };
            if !lesson.is_written(&self.course.root) {
                let line =
                    format!("  {}  {:<TITLE$}  {}", lesson.id(), lesson.title, messages::PLANNED);
                say(paint(Paint::Dim, &line));
                continue;
            }
            let line = format!("{arrow} {}  {:<TITLE$}", lesson.id(), lesson.title);
            let paint_line = if arrow == " " { line } else { paint(Paint::Accent, &line) };
            say(format!("{paint_line}  {}", self.bar(lesson)));
        }
    }

    /// How much of what the application runs on is the learner's.
    fn stack(&self) -> Result<(), Stop> {
        let mut applications = self.course.written().filter(|it| it.kind == "application");
        let Some(application) = applications.next() else { return Ok(()) };
        let below = layers::below(&self.course, application)?;
        let mine = below.iter().filter(|it| switchboard::is_mine(&self.course.root, it)).count();
        say(messages::stack(application, mine, below.len()));
        Ok(())
    }

    /// A square a step, full when it is green; and whose crate the later lessons run on.
    fn bar(&self, lesson: &Lesson) -> String {
        let steps = steps::load(&self.course, lesson).map_or(0, |steps| steps.len());
        let green = usize::from(self.progress.green(&lesson.name)).min(steps);
        let is_mine = switchboard::is_mine(&self.course.root, lesson);
        let mine = if is_mine { messages::MINE } else { "" };
        let (full, empty) = ("■".repeat(green), "□".repeat(steps - green));
        format!("{}{empty}  {mine}", paint(Paint::Good, &full)).trim_end().to_owned()
    }
}

fn mark(green: bool) -> String {
    if green { paint(Paint::Good, "✓") } else { "·".to_owned() }
}
