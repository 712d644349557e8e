//! `cargo course solution` and `cargo course diff`: the way it is done here.

use course::generate;
use course::source::Source;
use similar::TextDiff;

use super::target::Target;
use super::terminal::{Paint, paint, say};
use super::{Runner, Stop, messages};

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
            let title = format!("step {}  {}: `{}`", pair.step.id, file.display(), pair.entry.item);
            say(paint(Paint::Bold, &title));
            say(&pair.hole.body);
        }
        Ok(())
    }

    /// From the starter to the solution, as a unified diff; for a step, from where it begins.
    pub(super) fn diff(&self, args: &[String]) -> Result<(), Stop> {
        let target = self.earned(args, "diff")?;
        let source = Source::load(&self.course, &target.lesson)?;
        let (before, after) = target.step.map_or((0, target.len()), |id| (id.step - 1, id.step));
        let starter = generate::written(&source, before)?;
        let solved = generate::written(&source, after)?;
        for (path, old) in &starter {
            let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(&solved[path]));
            if old == new {
                continue;
            }
            let diff = TextDiff::from_lines(&old, &new);
            let names = (format!("starter/{path}"), format!("solution/{path}"));
            let text = diff.unified_diff().header(&names.0, &names.1).to_string();
            for line in text.lines() {
                say(coloured(line));
            }
        }
        Ok(())
    }

    /// The lesson or step, if it is green or `--force` was given.
    fn earned(&self, args: &[String], command: &str) -> Result<Target, Stop> {
        let (options, called) = self.options(args, &["--force"])?;
        let target = self.lesson_target(called, command)?;
        let green = self.progress.green(&target.lesson.name);
        let needed = target.step.map_or(target.len(), |id| id.step);
        if green >= needed || options.contains(&"--force") {
            return Ok(target);
        }
        let what = match target.step {
            Some(id) => format!("step {id}"),
            None => format!("lesson {}", target.lesson.id()),
        };
        let again = format!("{command} {}", called.unwrap_or_default());
        Err(Stop::Because(messages::not_green(&what, &again, &target.lesson)))
    }
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
