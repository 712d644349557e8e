//! `cargo course solution` and `cargo course diff`: the way it is done here.

use std::ops::Range;

use course::generate;
use course::source::Source;
use similar::TextDiff;

use super::target::Target;
use super::terminal::{Paint, paint, say};
use super::{Runner, Stop, function, messages};

impl Runner {
    /// What the solution has in each hole of a step, or of a lesson.
    pub(super) fn solution(&self, args: &[String]) -> Result<(), Stop> {
        let target = self.earned(args, "solution")?;
        let source = Source::load(&self.course, &target.lesson)?;
        for pair in source.pairs() {
            if target.step.is_some_and(|id| id != pair.step.id) {
                continue;
            }
            let file = target.lesson.solution().join(&pair.entry.file);
            let place = messages::place(&file, None, &pair.entry.item);
            say(paint(Paint::Bold, &messages::at(pair.step.id, &place)));
            say(&pair.hole.body);
        }
        Ok(())
    }

    /// From the learner's functions to those of the solution, in the order of the steps.
    pub(super) fn diff(&self, args: &[String]) -> Result<(), Stop> {
        let target = self.earned(args, "diff")?;
        let source = Source::load(&self.course, &target.lesson)?;
        let solved = generate::written(&source, target.len())?;
        let steps = target.steps.iter().filter(|step| target.step.is_none_or(|id| id == step.id));
        for step in steps {
            for entry in &step.holes {
                let file = target.lesson.starter().join(&entry.file);
                let mine = std::fs::read_to_string(self.course.root.join(&file));
                let theirs = String::from_utf8_lossy(&solved[&entry.file]);
                let place = messages::place(&file, None, &entry.item);
                say(paint(Paint::Bold, &messages::at(step.id, &place)));
                compare(&mine.unwrap_or_default(), &theirs, &entry.item);
            }
        }
        Ok(())
    }

    /// The lesson or step, if it is green or `--force` was given.
    fn earned(&self, args: &[String], command: &str) -> Result<Target, Stop> {
        let (options, called) = self.options(args, &["--force"])?;
        let called = called.ok_or_else(|| Stop::Because(messages::name_a_lesson(command)))?;
        let target = self.target(called)?;
        let green = self.progress.green(&target.lesson.name);
        let needed = target.step.map_or(target.len(), |id| id.step);
        if green >= needed || options.contains(&"--force") {
            return Ok(target);
        }
        let (kind, id) = match target.step {
            Some(id) => ("step", id.to_string()),
            None => ("lesson", target.lesson.id()),
        };
        Err(Stop::Because(messages::not_green(kind, &id, command)))
    }
}

/// Tells how the function `item` of one text becomes that of another; the whole text, where it has
/// another name by now.
fn compare(mine: &str, theirs: &str, item: &str) {
    let cut = function::find(mine, item).zip(function::find(theirs, item));
    let (mine, theirs) = match cut {
        Some((here, there)) => (lines(mine, here), lines(theirs, there)),
        None => (mine.to_owned(), theirs.to_owned()),
    };
    if mine == theirs {
        say(messages::SAME);
        return;
    }
    let diff = TextDiff::from_lines(&mine, &theirs);
    let text = diff.unified_diff().header(messages::YOURS, messages::SOLUTION).to_string();
    text.lines().for_each(|line| say(coloured(line)));
}

fn lines(text: &str, range: Range<usize>) -> String {
    let lines = text.lines().skip(range.start).take(range.len());
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn coloured(line: &str) -> String {
    let kind = match line.as_bytes() {
        [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => Paint::Bold,
        [b'-', ..] => Paint::Bad,
        [b'+', ..] => Paint::Good,
        [b'@', ..] => Paint::Accent,
        _ => return line.to_owned(),
    };
    paint(kind, line)
}
