//! What the book names: every `{{#include …}}`, `{{#wire …}}`, `{{#bars …}}`, `{{#solution …}}`, `{{#lesson …}}`
//! and `{{#steps …}}`. mdBook leaves out in silence what does not exist; this module does not.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::holes::{Anchor, anchor};
use crate::map::{Course, Lesson};
use crate::problem::{self, Problem};
use crate::steps::{self, StepId};
use crate::tree;

/// Where the chapters lie, relative to the root.
pub const BOOK: &str = "book/en/src";
/// Where the transcripts lie, relative to the root.
pub const SNAPSHOTS: &str = "tests/snapshots";

/// `{{#name argument}}` in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive<'a> {
    /// The word after `#`.
    pub name: &'a str,
    /// The rest, trimmed.
    pub argument: &'a str,
    /// Its place in the page, in bytes, from the first brace to the last.
    pub range: Range<usize>,
    /// Its line, counted from 1.
    pub line: usize,
}

/// The directives of a page, in order; `\{{#` is text, as it is for mdBook.
pub fn directives(page: &str) -> Vec<Directive<'_>> {
    let starts = page.match_indices("{{#").filter(|(start, _)| !page[..*start].ends_with('\\'));
    starts
        .filter_map(|(start, open)| {
            let inner = &page[start + open.len()..];
            let inner = &inner[..inner.find("}}")?];
            let (name, argument) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
            let end = start + open.len() + inner.len() + "}}".len();
            let line = page[..start].matches('\n').count() + 1;
            Some(Directive { name, argument: argument.trim(), range: start..end, line })
        })
        .collect()
}

/// Checks every page of the book.
pub fn check(course: &Course) -> Vec<Problem> {
    if !course.root.join(BOOK).is_dir() {
        return Vec::new();
    }
    let pages = match tree::read(&course.root, Path::new(BOOK)) {
        Ok(pages) => pages,
        Err(problem) => return vec![problem],
    };
    let pages = pages.iter().filter(|(path, _)| path.ends_with(".md"));
    pages
        .flat_map(|(path, text)| {
            let file = Path::new(BOOK).join(path);
            check_page(course, &file, &String::from_utf8_lossy(text))
        })
        .collect()
}

/// Checks one page; `file` is its path relative to the root, to which its includes are relative.
pub fn check_page(course: &Course, file: &Path, page: &str) -> Vec<Problem> {
    let check = |directive: Directive<'_>| {
        let problem = resolve(course, file, &directive).err()?;
        Some(Problem { file: file.to_path_buf(), line: Some(directive.line), ..problem })
    };
    directives(page).into_iter().filter_map(check).collect()
}

fn resolve(course: &Course, file: &Path, directive: &Directive<'_>) -> Result<(), Problem> {
    let argument = directive.argument;
    match directive.name {
        "include" | "rustdoc_include" | "playground" => {
            let folder = file.parent().unwrap_or(Path::new(""));
            let argument = argument.split_whitespace().next().unwrap_or("");
            resolve_include(&course.root, folder, argument)
        }
        "wire" | "bars" => {
            let name = argument.split_whitespace().next().unwrap_or("");
            let path = Path::new(SNAPSHOTS).join(name);
            match !name.is_empty() && course.root.join(&path).is_file() {
                true => Ok(()),
                false => Err(missing(
                    format!("the transcript {}", path.display()),
                    "mend the name, or write the test and bless it",
                )),
            }
        }
        "lesson" => find_lesson(course, argument).map(drop),
        "steps" => steps_of(course, find_lesson(course, argument)?).map(drop),
        "solution" => {
            let expected = || missing(format!("step {argument:?}"), "name a step of steps.md");
            let id: StepId = argument.parse().map_err(|_| expected())?;
            let lesson = find_lesson(course, &id.lesson.to_string())?;
            let steps = steps_of(course, lesson)?;
            steps.iter().any(|step| step.id == id).then_some(()).ok_or_else(expected)
        }
        "road" | "wires" | "title" => Ok(()),
        other => Err(missing(
            "include, wire, bars, solution, lesson, steps, road, wires or title".to_owned(),
            &format!("mend {{{{#{other}}}}}, or write \\{{{{# for plain text"),
        )),
    }
}

/// Resolves `path`, `path:anchor`, or `path:from:`, which is all but a head. Lines with an end are refused: the file
/// grows, and the page shows something else.
fn resolve_include(root: &Path, folder: &Path, argument: &str) -> Result<(), Problem> {
    let (path, part) = argument.split_once(':').unwrap_or((argument, ""));
    let file = normal(&folder.join(path));
    let text = problem::read(root, &file)
        .map_err(|_| missing(format!("the file {}", file.display()), "mend the path"))?;
    if part.is_empty() {
        return Ok(());
    }
    if part.starts_with(|first: char| first.is_ascii_digit()) {
        let lines = text.lines().count();
        let from = part.strip_suffix(':').and_then(|from| from.parse::<usize>().ok());
        return match from {
            Some(from) if from <= lines => Ok(()),
            _ => Err(Problem::in_file(
                "",
                format!("an anchor or `from:` in {} ({lines} lines)", file.display()),
                format!("`{part}`"),
                "include an anchor: it moves with the text",
            )),
        };
    }
    let has = |wanted: Anchor<'_>| text.lines().any(|line| anchor(line) == Some(wanted));
    match has(Anchor::Start(part)) && has(Anchor::End(part)) {
        true => Ok(()),
        false => Err(missing(
            format!("ANCHOR: {part} and its ANCHOR_END in {}", file.display()),
            "mend the name, or mark the lines",
        )),
    }
}

fn find_lesson<'a>(course: &'a Course, called: &str) -> Result<&'a Lesson, Problem> {
    let expected = || missing(format!("lesson {called:?}"), "name a lesson of course.toml");
    course.find(called).ok_or_else(expected)
}

fn steps_of(course: &Course, lesson: &Lesson) -> Result<Vec<steps::Step>, Problem> {
    let file = steps::file(lesson);
    // Mistakes inside the file are told where steps are checked, not once for each page.
    steps::load(course, lesson)
        .map_err(|_| missing(format!("steps in {}", file.display()), "write or mend that file"))
}

fn missing(expected: String, remedy: &str) -> Problem {
    Problem::in_file("", expected, "nothing of that name", remedy)
}

/// Takes `..` out of a path without asking the disk, so that messages are readable.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(normal.pop()),
            std::path::Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal
}
