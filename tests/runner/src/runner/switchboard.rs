//! `cargo course use-mine` and `use-theirs`: whose crate the later lessons run on.
//!
//! ```toml
//! [workspace.dependencies]
//! http-message = { path = "solutions/01-http-message" }                                     # theirs
//! http-message = { path = "lessons/01-http-message", package = "lesson-01-http-message" }   # mine
//! ```

use std::path::Path;

use course::map::Lesson;
use course::problem::Problem;
use toml_edit::{DocumentMut, InlineTable, Item, Value};

use super::check::Verdict;
use super::report::Detail;
use super::terminal::say;
use super::{Runner, Stop, messages};

const MANIFEST: &str = "Cargo.toml";

impl Runner {
    pub(super) fn use_mine(&mut self, args: &[String]) -> Result<(), Stop> {
        let (options, called) = self.options(args, &["--force"])?;
        let target = self.whole_lesson(called, "use-mine")?;
        let lesson = &target.lesson;
        // What was green once may have been changed since.
        let is_forced = options.contains(&"--force");
        if !is_forced && self.test(&target, Detail::First, &|| false)? != Verdict::Green {
            say("");
            let reason = messages::not_green("lesson", &lesson.id(), "use-mine");
            return Err(Stop::Because(reason));
        }
        self.switch(lesson, &lesson.starter(), Some(lesson.starter_package()))
    }

    pub(super) fn use_theirs(&self, args: &[String]) -> Result<(), Stop> {
        let (_, called) = self.options(args, &[])?;
        let lesson = self.whole_lesson(called, "use-theirs")?.lesson;
        self.switch_to_theirs(&lesson)
    }

    pub(super) fn switch_to_theirs(&self, lesson: &Lesson) -> Result<(), Stop> {
        self.switch(lesson, &lesson.solution(), None)
    }

    fn switch(&self, lesson: &Lesson, folder: &Path, package: Option<String>) -> Result<(), Stop> {
        let mut manifest = read(&self.course.root)?;
        let Some(switch) = find(&mut manifest, lesson) else {
            return Err(Stop::Because(messages::no_switch(lesson)));
        };
        switch.insert("path", folder.to_string_lossy().replace('\\', "/").into());
        match package {
            Some(package) => drop(switch.insert("package", package.into())),
            None => drop(switch.remove("package")),
        }
        switch.fmt();
        let written = std::fs::write(self.course.root.join(MANIFEST), manifest.to_string());
        written.map_err(|error| unwritable(&error))?;
        say(messages::switched(lesson, folder));
        Ok(())
    }
}

/// Whether later lessons run on the learner's crate.
pub(super) fn is_mine(root: &Path, lesson: &Lesson) -> bool {
    let mine = |mut manifest: DocumentMut| {
        let path = find(&mut manifest, lesson)?.get("path")?.as_str()?.to_owned();
        Some(path.starts_with("lessons/"))
    };
    read(root).ok().and_then(mine).unwrap_or(false)
}

fn read(root: &Path) -> Result<DocumentMut, Problem> {
    let failed = |came: String| {
        Problem::in_file(
            MANIFEST,
            "a manifest that can be read",
            came,
            "mend it, or check it out again",
        )
    };
    let text = std::fs::read_to_string(root.join(MANIFEST)).map_err(|e| failed(e.to_string()))?;
    text.parse().map_err(|error: toml_edit::TomlError| failed(error.message().to_owned()))
}

fn find<'a>(manifest: &'a mut DocumentMut, lesson: &Lesson) -> Option<&'a mut InlineTable> {
    let dependencies = manifest.get_mut("workspace")?.get_mut("dependencies")?;
    dependencies
        .get_mut(&lesson.name)
        .and_then(Item::as_value_mut)
        .and_then(Value::as_inline_table_mut)
}

fn unwritable(error: &std::io::Error) -> Problem {
    let (expected, remedy) = ("to write this file", "check its permissions");
    Problem::in_file(MANIFEST, expected, error.to_string(), remedy)
}
