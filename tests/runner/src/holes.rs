//! The regions of a solution that a starter loses.
//!
//! ```text
//! // ANCHOR: step_1_2        the first hole of step 1.2; then step_1_2_b, step_1_2_c, …
//! …
//! // ANCHOR_END: step_1_2
//! ```
//!
//! A hole is the body of a block or the tail of one, so that any expression of the block's type can
//! stand in its place. Anchors with other names are for the book alone.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use crate::problem::Problem;
use crate::steps::{HoleEntry, Step, StepId};

/// A hole's name: `1.2`, `1.2b`, `1.2c`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoleId {
    /// The step it belongs to.
    pub step: StepId,
    /// Its place among the step's holes, from 0.
    pub index: u8,
}

/// A hole, found in a source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// Its name.
    pub id: HoleId,
    /// The lines from the anchor to its end, both included, counted from 0.
    pub lines: Range<usize>,
    /// The white space before the anchor.
    pub indent: String,
    /// The solution: the lines between, without other anchors.
    pub body: String,
}

/// A hole and what `steps.md` says of it.
#[derive(Debug, Clone, Copy)]
pub struct Paired<'a> {
    /// The step.
    pub step: &'a Step,
    /// The bullet.
    pub entry: &'a HoleEntry,
    /// The place in the source.
    pub hole: &'a Hole,
}

impl HoleId {
    /// Reads an anchor's name: `Some(Err(()))` if it begins like a step's and is none.
    fn from_anchor(name: &str) -> Option<Result<Self, ()>> {
        let mut words = name.strip_prefix("step_")?.split('_');
        let mut number = || words.next()?.parse::<u8>().ok();
        let step = number().zip(number()).map(|(lesson, step)| StepId { lesson, step });
        let index = match words.next() {
            None => Some(0),
            Some(letter) => letter
                .bytes()
                .next()
                .filter(|_| letter.len() == 1)
                .and_then(|byte| matches!(byte, b'b'..=b'z').then(|| byte - b'a')),
        };
        let end = words.next().is_none();
        Some(step.zip(index).filter(|_| end).map(|(step, index)| HoleId { step, index }).ok_or(()))
    }

    /// The anchor's name: `step_1_2_b`.
    pub fn anchor(&self) -> String {
        let StepId { lesson, step } = self.step;
        match self.index {
            0 => format!("step_{lesson}_{step}"),
            index => format!("step_{lesson}_{step}_{}", char::from(b'a' + index)),
        }
    }
}

impl fmt::Display for HoleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            0 => write!(f, "{}", self.step),
            index => write!(f, "{}{}", self.step, char::from(b'a' + index)),
        }
    }
}

/// The anchor that a line opens or closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor<'a> {
    /// `// ANCHOR: name`
    Start(&'a str),
    /// `// ANCHOR_END: name`
    End(&'a str),
}

/// Reads a line as an anchor, in a Rust, TOML, HTML or shell comment.
pub fn anchor(line: &str) -> Option<Anchor<'_>> {
    let comment = line.trim_start().trim_start_matches(['/', '#', '<', '!', '-', '*']).trim_start();
    let name = |rest: &'_ str| {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
        end.unwrap_or(rest.len())
    };
    if let Some(rest) = comment.strip_prefix("ANCHOR:") {
        let rest = rest.trim_start();
        return Some(Anchor::Start(&rest[..name(rest)]));
    }
    let rest = comment.strip_prefix("ANCHOR_END:")?.trim_start();
    Some(Anchor::End(&rest[..name(rest)]))
}

/// Finds the holes of a source text, in order; `file` is what problems call it.
///
/// # Errors
///
/// Every anchor that is not closed, not opened, doubled, within another hole, badly named, or not
/// the rest of its block.
pub fn find(file: &Path, source: &str) -> Result<Vec<Hole>, Vec<Problem>> {
    let lines = source.lines().collect();
    let mut finder = Finder { file, lines, open: None, holes: Vec::new(), problems: Vec::new() };
    finder.find();
    if finder.problems.is_empty() { Ok(finder.holes) } else { Err(finder.problems) }
}

struct Finder<'a> {
    file: &'a Path,
    lines: Vec<&'a str>,
    open: Option<(HoleId, usize)>,
    holes: Vec<Hole>,
    problems: Vec<Problem>,
}

impl Finder<'_> {
    fn find(&mut self) {
        for index in 0..self.lines.len() {
            let Some(anchor) = anchor(self.lines[index]) else { continue };
            let (Anchor::Start(name) | Anchor::End(name)) = anchor;
            match (HoleId::from_anchor(name), anchor) {
                (None, _) => {}
                (Some(Ok(id)), Anchor::Start(_)) => self.start(index, id),
                (Some(Ok(id)), Anchor::End(_)) => self.end(index, id),
                (Some(Err(())), _) => {
                    let form = "an anchor such as step_1_2 or step_1_2_b";
                    self.mistake(index, form, name, "rename it");
                }
            }
        }
        if let Some((id, start)) = self.open {
            self.mistake(start, format!("ANCHOR_END: {} below", id.anchor()), "none", "close it");
        }
    }

    fn start(&mut self, index: usize, id: HoleId) {
        let name = id.anchor();
        if let Some((outer, _)) = self.open {
            let expected = format!("ANCHOR_END: {} first", outer.anchor());
            self.mistake(index, expected, &name, "holes do not nest: close the outer one");
            return;
        }
        if self.holes.iter().any(|hole| hole.id == id) {
            self.mistake(index, "each hole once", &name, "call the further one step_1_2_b");
        }
        self.open = Some((id, index));
    }

    fn end(&mut self, index: usize, id: HoleId) {
        let name = id.anchor();
        let Some((_, start)) = self.open.take_if(|(open, _)| *open == id) else {
            self.mistake(index, format!("ANCHOR: {name} before its end"), "none", "open it");
            return;
        };
        if !self.lines[index + 1..].iter().find(is_code).is_some_and(closes) {
            let came = format!("code after {name}");
            let remedy = "move the hole into a function of its own";
            self.mistake(index, "a hole to be the rest of its block", &came, remedy);
        }
        let inner = self.lines[start + 1..index].iter().filter(|line| anchor(line).is_none());
        let body = inner.flat_map(|line| [*line, "\n"]).collect();
        let first = self.lines[start];
        let indent = first[..first.len() - first.trim_start().len()].to_owned();
        self.holes.push(Hole { id, lines: start..index + 1, indent, body });
    }

    fn mistake(&mut self, index: usize, expected: impl Into<String>, came: &str, remedy: &str) {
        self.problems.push(Problem::in_file(self.file, expected, came, remedy).at_line(index + 1));
    }
}

/// Pairs the holes of a crate's sources with its steps. `sources` maps a path relative to the crate
/// to the holes found in it; `crate_dir` and `steps_file` are what problems call them.
///
/// # Errors
///
/// Every hole without a bullet, every bullet without a hole, every hole in another file than its
/// bullet says or outside `src/`.
pub fn pair<'a>(
    steps: &'a [Step],
    sources: &'a BTreeMap<String, Vec<Hole>>,
    crate_dir: &Path,
    steps_file: &Path,
) -> Result<Vec<Paired<'a>>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut pairs = Vec::new();
    for (file, holes) in sources {
        for hole in holes {
            match pair_one(steps, file, hole, steps_file) {
                Ok(pair) => pairs.push(pair),
                Err(problem) => {
                    let problem = Problem { file: crate_dir.join(file), ..problem };
                    problems.push(problem.at_line(hole.lines.start + 1));
                }
            }
        }
    }
    for step in steps {
        for (index, entry) in (0..).zip(&step.holes) {
            let id = HoleId { step: step.id, index };
            if !sources.values().flatten().any(|hole| hole.id == id) {
                let expected = format!("ANCHOR: {} in {}", id.anchor(), entry.file);
                let problem = Problem::in_file(steps_file, expected, "none", "mark the hole");
                problems.push(problem.at_line(entry.line));
            }
        }
    }
    pairs.sort_by_key(|pair| pair.hole.id);
    if problems.is_empty() { Ok(pairs) } else { Err(problems) }
}

fn pair_one<'a>(
    steps: &'a [Step],
    file: &str,
    hole: &'a Hole,
    steps_file: &Path,
) -> Result<Paired<'a>, Problem> {
    let name = hole.id.anchor();
    let mistake = |expected, came, remedy| Err(Problem::in_file(file, expected, came, remedy));
    let step = steps.iter().find(|step| step.id == hole.id.step);
    let entry = step.and_then(|step| step.holes.get(usize::from(hole.id.index)));
    let Some((step, entry)) = step.zip(entry) else {
        let expected = format!("a bullet in {} for {name}", steps_file.display());
        return mistake(expected, "none", "add one bullet a hole, in order");
    };
    if entry.file != file {
        let expected = format!("{name} in {}, as steps.md says", entry.file);
        return mistake(expected, file, "mend the bullet, or move the hole");
    }
    if !file.starts_with("src/") {
        return mistake("holes in src/ alone".to_owned(), file, "move the hole into src/");
    }
    Ok(Paired { step, entry, hole })
}

fn is_code(line: &&&str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with("//")
}

fn closes(line: &&str) -> bool {
    line.trim_start().starts_with('}')
}
