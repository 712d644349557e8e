//! A solution crate as it was written: its files, its steps, and the holes that join the two.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::holes::{self, Hole, HoleId, Paired};
use crate::map::{Course, Lesson};
use crate::problem::Problem;
use crate::steps::{self, Step};
use crate::tree::{self, Tree};

/// The hand-written source of one lesson, checked.
#[derive(Debug, Clone)]
pub struct Source {
    /// The lesson.
    pub lesson: Lesson,
    /// The course's root.
    pub root: PathBuf,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The solution's files, anchors and all, but `steps.md`.
    pub files: Tree,
    holes: BTreeMap<String, Vec<Hole>>,
}

impl Source {
    /// Reads the solution of a written lesson.
    ///
    /// # Errors
    ///
    /// Every mistake in `steps.md` and in the anchors.
    pub fn load(course: &Course, lesson: &Lesson) -> Result<Source, Vec<Problem>> {
        let dir = lesson.solution();
        let files = tree::read(&course.root, &dir).map_err(|problem| vec![problem])?;
        let mut problems = Vec::new();
        let mut holes = BTreeMap::new();
        for (path, text) in rust_files(&files) {
            match holes::find(&dir.join(path), text) {
                Ok(found) if found.is_empty() => {}
                Ok(found) => drop(holes.insert(path.clone(), found)),
                Err(found) => problems.extend(found),
            }
            problems.extend(forgotten(&dir.join(path), text));
        }
        let steps = steps::load(course, lesson).unwrap_or_else(|found| {
            problems.extend(found);
            Vec::new()
        });
        let (lesson, root) = (lesson.clone(), course.root.clone());
        let source = Source { lesson, root, steps, files, holes };
        if problems.is_empty() {
            // Only now: a file that was not understood would be reported as a missing hole again.
            source.pair().map_err(|found| problems.extend(found)).unwrap_or_default();
        }
        if problems.is_empty() { Ok(source) } else { Err(problems) }
    }

    /// The holes with their steps, in the order of their names.
    pub fn pairs(&self) -> Vec<Paired<'_>> {
        self.pair().expect("load refuses a source whose holes do not pair")
    }

    /// One hole with its step.
    pub fn hole(&self, id: HoleId) -> Option<Paired<'_>> {
        self.pairs().into_iter().find(|pair| pair.hole.id == id)
    }

    /// The holes of one file, in the order of the text.
    pub fn pairs_in(&self, path: &str) -> Vec<Paired<'_>> {
        let mut pairs = self.pairs();
        pairs.retain(|pair| pair.entry.file == path);
        pairs.sort_by_key(|pair| pair.hole.lines.start);
        pairs
    }

    fn pair(&self) -> Result<Vec<Paired<'_>>, Vec<Problem>> {
        let dir = self.lesson.solution();
        holes::pair(&self.steps, &self.holes, &dir, &steps::file(&self.lesson))
    }
}

fn rust_files(files: &Tree) -> impl Iterator<Item = (&String, &str)> {
    files
        .iter()
        .filter(|(path, _)| path.ends_with(".rs"))
        .filter_map(|(path, content)| Some((path, std::str::from_utf8(content).ok()?)))
}

fn forgotten(file: &Path, text: &str) -> Vec<Problem> {
    let lines = text.lines().enumerate().filter(|(_, line)| line.contains("todo!"));
    lines
        .map(|(index, line)| {
            Problem::in_file(file, "no todo! in a solution", line.trim(), "write it")
                .at_line(index + 1)
        })
        .collect()
}
