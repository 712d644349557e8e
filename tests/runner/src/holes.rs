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
    let lines: Vec<&str> = source.lines().collect();
    let mut problems = Vec::new();
    let mut mistake = |line: usize, expected: &str, came: &str, remedy: &str| {
        problems.push(Problem::in_file(file, expected, came, remedy).at_line(line + 1));
    };
    let mut holes: Vec<Hole> = Vec::new();
    let mut open: Option<(HoleId, usize)> = None;
    for (index, line) in lines.iter().enumerate() {
        let Some(anchor) = anchor(line) else { continue };
        let (Anchor::Start(name) | Anchor::End(name)) = anchor;
        let id = match HoleId::from_anchor(name) {
            None => continue,
            Some(Ok(id)) => id,
            Some(Err(())) => {
                mistake(index, "an anchor such as step_1_2 or step_1_2_b", name, "rename it");
                continue;
            }
        };
        match (anchor, open) {
            (Anchor::Start(_), None) => {
                if holes.iter().any(|hole| hole.id == id) {
                    mistake(index, "each hole once", name, "call the further one step_1_2_b");
                }
                open = Some((id, index));
            }
            (Anchor::Start(_), Some((outer, _))) => {
                let expected = format!("ANCHOR_END: {} first", outer.anchor());
                mistake(index, &expected, name, "holes do not nest: close the outer one");
            }
            (Anchor::End(_), Some((id_open, start))) if id_open == id => {
                open = None;
                if !lines[index + 1..].iter().find(is_code).is_some_and(closes) {
                    let came = format!("code after {name}");
                    let remedy = "move the hole into a function of its own";
                    mistake(index, "a hole to be the rest of its block", &came, remedy);
                }
                holes.push(hole(&lines, id, start..index + 1));
            }
            (Anchor::End(_), _) => {
                mistake(index, &format!("ANCHOR: {name} before its end"), "none", "open it");
            }
        }
    }
    if let Some((id, start)) = open {
        mistake(start, &format!("ANCHOR_END: {} below", id.anchor()), "none", "close it");
    }
    if problems.is_empty() { Ok(holes) } else { Err(problems) }
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
    for (file, hole) in
        sources.iter().flat_map(|(file, holes)| holes.iter().map(move |h| (file, h)))
    {
        let mut mistake = |expected: String, came: String, remedy: &str| {
            let problem = Problem::in_file(crate_dir.join(file), expected, came, remedy);
            problems.push(problem.at_line(hole.lines.start + 1));
        };
        let step = steps.iter().find(|step| step.id == hole.id.step);
        let entry = step.and_then(|step| step.holes.get(usize::from(hole.id.index)));
        match step.zip(entry) {
            None => mistake(
                format!("a bullet in {} for {}", steps_file.display(), hole.id.anchor()),
                "none".to_owned(),
                "add one bullet a hole, in order",
            ),
            Some((_, entry)) if entry.file != *file => mistake(
                format!("{} in {}, as steps.md says", hole.id.anchor(), entry.file),
                file.clone(),
                "mend the bullet, or move the hole",
            ),
            Some(_) if !file.starts_with("src/") => {
                mistake("holes in src/ alone".to_owned(), file.clone(), "move the hole into src/");
            }
            Some((step, entry)) => pairs.push(Paired { step, entry, hole }),
        }
    }
    for step in steps {
        for (index, entry) in step.holes.iter().enumerate() {
            let id = HoleId { step: step.id, index: u8::try_from(index).unwrap_or(u8::MAX) };
            if !sources.values().flatten().any(|hole| hole.id == id) {
                let expected = format!("ANCHOR: {} in {}", id.anchor(), entry.file);
                let problem = Problem::in_file(steps_file, expected, "none", "mark the hole");
                problems.push(problem.at_line(entry.line));
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    pairs.sort_by_key(|pair| pair.hole.id);
    Ok(pairs)
}

fn hole(lines: &[&str], id: HoleId, range: Range<usize>) -> Hole {
    let inner = &lines[range.start + 1..range.end - 1];
    let body: String =
        inner.iter().filter(|line| anchor(line).is_none()).flat_map(|line| [*line, "\n"]).collect();
    let first = lines[range.start];
    let indent = first[..first.len() - first.trim_start().len()].to_owned();
    Hole { id, lines: range, indent, body }
}

fn is_code(line: &&&str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with("//")
}

fn closes(line: &&str) -> bool {
    line.trim_start().starts_with('}')
}
