//! The steps of a lesson, from `solutions/NN-name/steps.md`.
//!
//! ```markdown
//! # 01 http-message
//!
//! ## 1.1 Write a response
//!
//! - `src/response.rs`: `Response::to_bytes`
//! - `src/header.rs`: `check`, starts as `Ok(())`
//!
//! The task, in paragraphs.
//!
//! ### Hint 1
//! A question.
//! ```
//!
//! One bullet a hole, then the task, then three hints. CONTRIBUTING.md has the whole form.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::map::{Course, Lesson};
use crate::problem::{self, Problem};

/// How many hints a step has: a question, a pointer to the API, nearly the code.
pub const HINTS: usize = 3;

/// A step's name, `1.2`: lesson 1, step 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId {
    /// The lesson's number.
    pub lesson: u8,
    /// The step's number in its lesson, from 1.
    pub step: u8,
}

/// One step: an idea to understand, a few lines to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub id: StepId,
    /// What it does, in a few words.
    pub title: String,
    /// What is missing from the starter, in the order `step_1_2`, `step_1_2_b`.
    pub holes: Vec<HoleEntry>,
    /// The task, in Markdown.
    pub task: String,
    /// A question, a pointer to the API, nearly the code: Markdown, [`HINTS`] of them.
    pub hints: Vec<String>,
    /// The line of its heading in `steps.md`, counted from 1.
    pub line: usize,
}

/// What `steps.md` says of one hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoleEntry {
    /// The file, relative to the crate, with forward slashes.
    pub file: String,
    /// The function, for example `Response::to_bytes`.
    pub item: String,
    /// What the starter does there in place of `todo!()`: an expression.
    pub starts_as: Option<String>,
    /// The bullet's line in `steps.md`, counted from 1.
    pub line: usize,
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.lesson, self.step)
    }
}

impl FromStr for StepId {
    type Err = String;

    /// Accepts `1.2` and `01.2`.
    fn from_str(text: &str) -> Result<Self, String> {
        let malformed = || {
            format!("expected a step such as 1.2, came {text:?}; `cargo course list` shows them")
        };
        let (lesson, step) = text.split_once('.').ok_or_else(malformed)?;
        Ok(StepId {
            lesson: lesson.parse().map_err(|_| malformed())?,
            step: step.parse().map_err(|_| malformed())?,
        })
    }
}

/// Where the steps of `lesson` are written, relative to the root.
pub fn file(lesson: &Lesson) -> PathBuf {
    lesson.solution().join("steps.md")
}

/// Reads the steps of a written lesson.
///
/// # Errors
///
/// Every mistake in the file, not only the first.
pub fn load(course: &Course, lesson: &Lesson) -> Result<Vec<Step>, Vec<Problem>> {
    let file = file(lesson);
    let text = problem::read(&course.root, &file).map_err(|problem| vec![problem])?;
    parse(lesson, &file, &text)
}

/// Reads the steps of `lesson` from `text`; `file` is what problems call it.
///
/// # Errors
///
/// Every mistake in the text, not only the first.
pub fn parse(lesson: &Lesson, file: &Path, text: &str) -> Result<Vec<Step>, Vec<Problem>> {
    let mut parser = Parser { lesson, file, problems: Vec::new() };
    let steps = parser.steps(text);
    if parser.problems.is_empty() { Ok(steps) } else { Err(parser.problems) }
}

struct Parser<'a> {
    lesson: &'a Lesson,
    file: &'a Path,
    problems: Vec<Problem>,
}

/// A heading and what stands below it, up to the next heading.
struct Section<'a> {
    level: usize,
    title: &'a str,
    line: usize,
    body: Vec<&'a str>,
}

impl Parser<'_> {
    fn steps(&mut self, text: &str) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let sections = sections(text);
        let title = format!("{:02} {}", self.lesson.number, self.lesson.name);
        match sections.first() {
            Some(first) if first.level == 1 && first.title == title => {}
            Some(first) => self.mistake(first.line, format!("`# {title}`"), first.title, "mend it"),
            None => self.mistake(1, format!("`# {title}`"), "no heading", "add it"),
        }
        for section in sections.iter().skip(1) {
            match section.level {
                2 => {
                    let expected = StepId {
                        lesson: self.lesson.number,
                        step: u8::try_from(steps.len() + 1).unwrap_or(u8::MAX),
                    };
                    steps.push(self.step(section, expected));
                }
                3 => match steps.last_mut() {
                    Some(step) => self.hint(section, step),
                    None => self.mistake(section.line, "a step first", section.title, "add one"),
                },
                _ => self.mistake(
                    section.line,
                    "`## 1.2 Title` or `### Hint 1`",
                    section.title,
                    "use only these headings",
                ),
            }
        }
        for step in &steps {
            self.complete(step);
        }
        if steps.is_empty() {
            self.mistake(1, "at least one step, `## 1.1 Title`", "none", "describe the steps");
        }
        steps
    }

    fn step(&mut self, section: &Section<'_>, expected: StepId) -> Step {
        let (id, title) = section.title.split_once(' ').unwrap_or((section.title, ""));
        if id.parse() != Ok(expected) || title.trim().is_empty() {
            let form = format!("`## {expected} Title`");
            self.mistake(section.line, form, section.title, "number the steps in order");
        }
        let mut holes = Vec::new();
        let mut rest = section.body.iter().enumerate().peekable();
        while let Some((offset, text)) = rest.next_if(|(_, text)| {
            text.trim().is_empty() || text.starts_with("- `src/") || holes_go_on(text)
        }) {
            let line = section.line + 1 + offset;
            if text.trim().is_empty() {
                continue;
            }
            match hole(text, line) {
                Some(hole) => holes.push(hole),
                None => self.mistake(
                    line,
                    "- `src/file.rs`: `item`, with or without: , starts as `expression`",
                    text,
                    "mend it",
                ),
            }
        }
        let task: Vec<&str> = rest.map(|(_, text)| *text).collect();
        Step {
            id: expected,
            title: title.trim().to_owned(),
            holes,
            task: task.join("\n").trim().to_owned(),
            hints: Vec::new(),
            line: section.line,
        }
    }

    fn hint(&mut self, section: &Section<'_>, step: &mut Step) {
        let expected = format!("Hint {}", step.hints.len() + 1);
        if section.title != expected {
            let form = format!("`### {expected}`");
            self.mistake(section.line, form, section.title, "number the hints 1 to 3");
        }
        let text = section.body.join("\n").trim().to_owned();
        if text.is_empty() {
            self.mistake(section.line, "a hint with a text", "none", "write it");
        }
        step.hints.push(text);
    }

    fn complete(&mut self, step: &Step) {
        let id = step.id;
        if step.holes.is_empty() {
            let form = format!("a bullet for each hole of step {id}");
            self.mistake(step.line, form, "none", "add - `src/file.rs`: `item`");
        }
        if step.task.is_empty() {
            self.mistake(step.line, format!("the task of step {id}"), "none", "write it");
        }
        if step.hints.len() != HINTS {
            let came = step.hints.len().to_string();
            let form = format!("{HINTS} hints for step {id}");
            self.mistake(step.line, form, &came, "give a question, a pointer and nearly the code");
        }
    }

    fn mistake(&mut self, line: usize, expected: impl Into<String>, came: &str, remedy: &str) {
        self.problems.push(Problem::in_file(self.file, expected, came, remedy).at_line(line));
    }
}

/// Cuts a text at its headings; a `#` inside a fence is code.
fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut in_fence = false;
    for (index, line) in text.lines().enumerate() {
        in_fence ^= line.trim_start().starts_with("```");
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        match line[level..].strip_prefix(' ') {
            Some(title) if level > 0 && !in_fence => {
                let title = title.trim();
                sections.push(Section { level, title, line: index + 1, body: Vec::new() });
            }
            _ => {
                if let Some(section) = sections.last_mut() {
                    section.body.push(line);
                }
            }
        }
    }
    sections
}

/// Whether a line is meant as a hole's bullet, however malformed.
fn holes_go_on(line: &str) -> bool {
    line.starts_with("- `") && line.contains("`: `")
}

/// Reads one bullet: - `src/file.rs`: `item`, starts as `expression`.
fn hole(bullet: &str, line: usize) -> Option<HoleEntry> {
    let (file, rest) = bullet.strip_prefix("- `")?.split_once("`: `")?;
    let (item, rest) = rest.split_once('`')?;
    let starts_as = match rest.trim_end() {
        "" => None,
        rest => Some(rest.strip_prefix(", starts as `")?.strip_suffix('`')?.to_owned()),
    };
    Some(HoleEntry { file: file.to_owned(), item: item.to_owned(), starts_as, line })
}
