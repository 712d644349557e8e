//! What a command is about: a lesson, a step, or where the learner is.

use course::map::Lesson;
use course::steps::{self, Step, StepId};

use super::{Runner, Stop, messages};

/// A written lesson with its steps, and perhaps one of them.
pub(super) struct Target {
    pub(super) lesson: Lesson,
    pub(super) steps: Vec<Step>,
    pub(super) step: Option<StepId>,
}

impl Target {
    /// How many steps the lesson has.
    pub(super) fn len(&self) -> u8 {
        u8::try_from(self.steps.len()).unwrap_or(u8::MAX)
    }

    /// The step with this number; it was checked to exist.
    pub(super) fn step(&self, number: u8) -> &Step {
        &self.steps[usize::from(number) - 1]
    }
}

impl Runner {
    /// Reads the arguments: options that the command knows, and at most one lesson or step.
    pub(super) fn options<'a>(
        &self,
        args: &'a [String],
        known: &[&str],
    ) -> Result<(Vec<&'a str>, Option<&'a str>), Stop> {
        let (options, others): (Vec<&str>, Vec<&str>) =
            args.iter().map(String::as_str).partition(|arg| arg.starts_with('-'));
        if let Some(unknown) = options.iter().find(|option| !known.contains(option)) {
            return Err(Stop::Because(messages::unknown_option(unknown, known)));
        }
        match others[..] {
            [] => Ok((options, None)),
            [one] => Ok((options, Some(one))),
            [_, extra, ..] => Err(Stop::Because(messages::one_argument(extra))),
        }
    }

    /// The lesson `01`, or the step `1.2`.
    pub(super) fn target(&self, called: &str) -> Result<Target, Stop> {
        let id = match called.contains('.') {
            true => Some(called.parse::<StepId>().map_err(Stop::Because)?),
            false => None,
        };
        let called_lesson = id.map_or(called.to_owned(), |id| id.lesson.to_string());
        let lesson = self.course.find(&called_lesson);
        let lesson = lesson.ok_or_else(|| Stop::Because(messages::unknown_target(called)))?;
        let target = self.load(lesson)?;
        match id {
            Some(id) if !target.steps.iter().any(|step| step.id == id) => {
                Err(Stop::Because(messages::unknown_step(id, lesson, target.len())))
            }
            step => Ok(Target { step, ..target }),
        }
    }

    /// The lesson named by a command that knows no steps.
    pub(super) fn whole_lesson(&self, called: Option<&str>, command: &str) -> Result<Target, Stop> {
        let called = called.ok_or_else(|| Stop::Because(messages::name_a_lesson(command)))?;
        if !called.contains('.') && self.course.find(called).is_none() {
            return Err(Stop::Because(messages::unknown_lesson(called)));
        }
        let target = self.target(called)?;
        match target.step {
            Some(_) => Err(Stop::Because(messages::not_a_step(called, command, &target.lesson))),
            None => Ok(target),
        }
    }

    /// The first step that is not green: in the lesson checked last, else after it, else anywhere.
    pub(super) fn current(&self) -> Result<Option<Target>, Stop> {
        let written: Vec<&Lesson> = self.course.written().collect();
        let at = written.iter().position(|lesson| Some(lesson.name.as_str()) == self.progress.at());
        let (before, after) = written.split_at(at.unwrap_or(0));
        for lesson in after.iter().chain(before) {
            let target = self.load(lesson)?;
            let green = self.progress.green(&lesson.name);
            if green < target.len() {
                let step = Some(target.step(green + 1).id);
                return Ok(Some(Target { step, ..target }));
            }
        }
        Ok(None)
    }

    /// Whether every step of the lesson is green.
    pub(super) fn is_green(&self, target: &Target) -> bool {
        self.progress.green(&target.lesson.name) >= target.len()
    }

    fn load(&self, lesson: &Lesson) -> Result<Target, Stop> {
        if !lesson.is_written(&self.course.root) {
            return Err(Stop::Because(messages::planned(lesson)));
        }
        let steps = steps::load(&self.course, lesson)?;
        Ok(Target { lesson: lesson.clone(), steps, step: None })
    }
}
