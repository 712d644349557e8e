//! `cargo course hint`: one more hint each time, up to three.

use course::steps::{HINTS, Step};
use course::wrap::wrap;

use super::target::Target;
use super::terminal::{Paint, paint, say};
use super::{Runner, Stop, messages};

const COLUMNS: usize = 78;

impl Runner {
    pub(super) fn hint(&mut self, args: &[String]) -> Result<(), Stop> {
        let (options, called) = self.options(args, &["--all"])?;
        let target = match called {
            Some(called) => self.target(called)?,
            None => match self.current()? {
                Some(target) => target,
                None => {
                    say(messages::ALL_DONE);
                    return Ok(());
                }
            },
        };
        match options.contains(&"--all") {
            true => self.all_hints(&target),
            false => self.one_hint(&target),
        }
    }

    /// The next hint that was not shown yet; after the last one, the last one again.
    pub(super) fn one_hint(&mut self, target: &Target) -> Result<(), Stop> {
        let step = self.hinted(target);
        let shown = self.progress.hints(&target.lesson.name, step.id.step);
        let number = usize::from(shown).min(HINTS - 1);
        tell(step, number);
        say("");
        match number + 1 < HINTS {
            true => say(messages::more_hints(step.id)),
            false => say(messages::last_hint(step.id)),
        }
        let shown = u8::try_from(number + 1).unwrap_or(u8::MAX);
        self.progress.set_hints(&target.lesson.name, step.id.step, shown);
        self.save()
    }

    fn all_hints(&mut self, target: &Target) -> Result<(), Stop> {
        let step = self.hinted(target);
        for number in 0..HINTS {
            tell(step, number);
            say("");
        }
        Ok(())
    }

    /// The step that was asked for, or a lesson's first one that is not green.
    fn hinted<'a>(&self, target: &'a Target) -> &'a Step {
        let first_open = (self.progress.green(&target.lesson.name) + 1).min(target.len());
        target.step(target.step.map_or(first_open, |id| id.step))
    }
}

fn tell(step: &Step, number: usize) {
    say(paint(Paint::Bold, &messages::hint_title(step, number + 1, HINTS)));
    say("");
    let mut in_fence = false;
    for line in wrap(&step.hints[number], COLUMNS) {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
            continue;
        }
        let margin = if in_fence { "      " } else { "  " };
        say(format!("{margin}{line}").trim_end());
    }
}
