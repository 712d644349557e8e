//! What is green, and which hints were read: `.course/progress`.
//!
//! ```text
//! green http-message 2      the first two steps pass
//! hint http-message 3 1     one hint of step 3 was shown
//! at http-message           the lesson that was checked last
//! ```
//!
//! Lessons go by name, since a number may change. What cannot be read is left out: the tests, not
//! this file, decide.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The folder for what is the learner's alone; git ignores it.
pub(super) const FOLDER: &str = ".course";

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    file: PathBuf,
    green: BTreeMap<String, u8>,
    hints: BTreeMap<(String, u8), u8>,
    at: Option<String>,
}

impl Progress {
    pub(super) fn load(root: &Path) -> Progress {
        let file = root.join(FOLDER).join("progress");
        let text = std::fs::read(&file).unwrap_or_default();
        let mut progress = Progress { file, ..Progress::default() };
        for line in String::from_utf8_lossy(&text).lines() {
            progress.read(line);
        }
        progress
    }

    /// How many steps of a lesson are green, from the first without a gap.
    pub(super) fn green(&self, lesson: &str) -> u8 {
        self.green.get(lesson).copied().unwrap_or(0)
    }

    pub(super) fn set_green(&mut self, lesson: &str, steps: u8) {
        self.green.insert(lesson.to_owned(), steps);
    }

    /// How many hints of a step were shown.
    pub(super) fn hints(&self, lesson: &str, step: u8) -> u8 {
        self.hints.get(&(lesson.to_owned(), step)).copied().unwrap_or(0)
    }

    pub(super) fn set_hints(&mut self, lesson: &str, step: u8, shown: u8) {
        self.hints.insert((lesson.to_owned(), step), shown);
    }

    /// The lesson that was checked last.
    pub(super) fn at(&self) -> Option<&str> {
        self.at.as_deref()
    }

    pub(super) fn set_at(&mut self, lesson: &str) {
        self.at = Some(lesson.to_owned());
    }

    /// Forgets everything about a lesson.
    pub(super) fn forget(&mut self, lesson: &str) {
        self.green.remove(lesson);
        self.hints.retain(|(name, _), _| name != lesson);
    }

    /// Writes the file as a whole or not at all.
    pub(super) fn save(&self) -> io::Result<()> {
        let folder = self.file.parent().expect("the file lies in a folder");
        std::fs::create_dir_all(folder)?;
        let new = folder.join(format!("progress.{}", std::process::id()));
        std::fs::write(&new, self.text())?;
        std::fs::rename(&new, &self.file)
    }

    fn read(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["green", lesson, steps] => {
                if let Ok(steps) = steps.parse() {
                    self.set_green(lesson, steps);
                }
            }
            ["hint", lesson, step, shown] => {
                if let (Ok(step), Ok(shown)) = (step.parse(), shown.parse()) {
                    self.set_hints(lesson, step, shown);
                }
            }
            ["at", lesson] => self.set_at(lesson),
            _ => {}
        }
    }

    fn text(&self) -> String {
        let green = self.green.iter().map(|(lesson, steps)| format!("green {lesson} {steps}\n"));
        let hints =
            self.hints.iter().map(|((lesson, step), n)| format!("hint {lesson} {step} {n}\n"));
        let at = self.at.iter().map(|lesson| format!("at {lesson}\n"));
        green.chain(hints).chain(at).collect()
    }
}
