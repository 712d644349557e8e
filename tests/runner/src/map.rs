//! The list of lessons, from `tests/runner/course.toml`.
//!
//! ```toml
//! [[part]]
//! title = "WebSockets"
//!
//! [[part.lesson]]
//! number = 5
//! name = "websocket-frame"   # the lesson's identity: progress is kept by it
//! kind = "pure"              # pure, shell, "pure and shell" or application
//! title = "Header, length, mask, opcode"
//! minutes = 60               # about how long a reader takes; left out until it is counted
//! ```

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml_edit::Document;

use crate::problem::{self, Problem};
use crate::root::MARKER;

const KINDS: [&str; 4] = ["pure", "shell", "pure and shell", "application"];

/// The whole course: its parts in order.
#[derive(Debug, Clone)]
pub struct Course {
    /// The folder that everything else is relative to.
    pub root: PathBuf,
    /// The parts, in the order they are read.
    pub parts: Vec<Part>,
}

/// A part: lessons under one heading.
#[derive(Debug, Clone)]
pub struct Part {
    /// The heading.
    pub title: String,
    /// The lessons, in order.
    pub lessons: Vec<Lesson>,
}

/// One lesson, written or only planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// Its place, counted from 1.
    pub number: u8,
    /// The solution's package; also the lesson's identity, since a number may change.
    pub name: String,
    /// What sort of crate it is, for example `pure`.
    pub kind: String,
    /// What the lesson is about, in a line.
    pub title: String,
    /// How long a reader took, where someone measured it.
    pub minutes: Option<u16>,
}

impl Course {
    /// Reads the map of the course that lies in `root`.
    ///
    /// # Errors
    ///
    /// The first mistake in `course.toml`, with its line.
    pub fn load(root: &Path) -> Result<Course, Problem> {
        let text = problem::read(root, Path::new(MARKER))?;
        Ok(Course { root: root.to_path_buf(), parts: parse(&text)? })
    }

    /// All lessons in order, written or not.
    pub fn lessons(&self) -> impl Iterator<Item = &Lesson> {
        self.parts.iter().flat_map(|part| &part.lessons)
    }

    /// The lessons that have a solution, in order.
    pub fn written(&self) -> impl Iterator<Item = &Lesson> {
        self.lessons().filter(|lesson| lesson.is_written(&self.root))
    }

    /// The lesson called `01`, `1`, `http-message` or `01-http-message`.
    pub fn find(&self, called: &str) -> Option<&Lesson> {
        let number = called.parse::<u8>().ok();
        self.lessons().find(|lesson| {
            number == Some(lesson.number) || called == lesson.name || called == lesson.dir()
        })
    }
}

impl Lesson {
    /// The folder's name in `lessons/` and `solutions/`: `01-http-message`.
    pub fn dir(&self) -> String {
        format!("{:02}-{}", self.number, self.name)
    }

    /// The number as it is written everywhere: `01`.
    pub fn id(&self) -> String {
        format!("{:02}", self.number)
    }

    /// The solution's folder, relative to the root.
    pub fn solution(&self) -> PathBuf {
        Path::new("solutions").join(self.dir())
    }

    /// The learner's folder, relative to the root.
    pub fn starter(&self) -> PathBuf {
        Path::new("lessons").join(self.dir())
    }

    /// The learner's package: `lesson-01-http-message`.
    pub fn starter_package(&self) -> String {
        format!("lesson-{}", self.dir())
    }

    /// The module that holds the shared tests, in both crates: `l01_http_message`.
    pub fn test_module(&self) -> String {
        format!("l{}", self.dir().replace('-', "_"))
    }

    /// The shared tests, relative to the root: `tests/01_http_message.rs`.
    pub fn test_file(&self) -> PathBuf {
        Path::new("tests").join(format!("{}.rs", self.dir().replace('-', "_")))
    }

    /// The chapter, relative to the root: `book/en/src/01-http-message.md`.
    pub fn chapter(&self) -> PathBuf {
        Path::new("book/en/src").join(format!("{}.md", self.dir()))
    }

    /// Whether the lesson exists; the map shows the others as planned. A solution becomes a lesson
    /// by its `steps.md`.
    pub fn is_written(&self, root: &Path) -> bool {
        root.join(self.solution()).join("steps.md").is_file()
    }
}

fn parse(text: &str) -> Result<Vec<Part>, Problem> {
    let document = Document::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        let came = error.message().replace('\n', " ");
        mistake("valid TOML", came, "mend it").at_line(line)
    })?;
    let mut parts = Vec::new();
    let mut names = BTreeSet::new();
    let mut expected_number = 1;
    for table in tables(document.as_table(), "part") {
        let place = Place { text, table };
        let mut lessons = Vec::new();
        for table in tables(table, "lesson") {
            let place = Place { text, table };
            let lesson = place.lesson(expected_number)?;
            if !names.insert(lesson.name.clone()) {
                return Err(place.mistake("each name once", lesson.name, "rename one"));
            }
            expected_number += 1;
            lessons.push(lesson);
        }
        parts.push(Part { title: place.string("title")?, lessons });
    }
    match parts.is_empty() {
        true => Err(mistake("at least one [[part]]", "none", "list the lessons")),
        false => Ok(parts),
    }
}

fn tables<'a>(
    parent: &'a toml_edit::Table,
    key: &str,
) -> impl Iterator<Item = &'a toml_edit::Table> {
    parent.get(key).and_then(|item| item.as_array_of_tables()).into_iter().flatten()
}

/// A table and the text it came from, so that a mistake can name its line.
struct Place<'a> {
    text: &'a str,
    table: &'a toml_edit::Table,
}

impl Place<'_> {
    fn lesson(&self, expected_number: u8) -> Result<Lesson, Problem> {
        let number = self.table.get("number").and_then(|item| item.as_integer());
        if number != Some(expected_number.into()) {
            let came = number.map_or("none".to_owned(), |number| number.to_string());
            return Err(self.mistake(
                format!("number = {expected_number}"),
                came,
                "number the lessons from 1, in order",
            ));
        }
        let kind = self.string("kind")?;
        if !KINDS.contains(&kind.as_str()) {
            return Err(self.mistake(format!("kind to be one of {KINDS:?}"), kind, "choose one"));
        }
        let minutes = match self.table.get("minutes") {
            None => None,
            Some(item) => {
                Some(item.as_integer().and_then(|n| u16::try_from(n).ok()).ok_or_else(|| {
                    self.mistake("minutes as a whole number", item.to_string(), "mend it")
                })?)
            }
        };
        let title = self.string("title")?;
        Ok(Lesson { number: expected_number, name: self.string("name")?, kind, title, minutes })
    }

    fn string(&self, key: &str) -> Result<String, Problem> {
        let value = self.table.get(key).and_then(|item| item.as_str());
        value.map(str::to_owned).ok_or_else(|| {
            self.mistake(format!("{key} = \"…\""), "no such string", format!("add `{key}`"))
        })
    }

    fn mistake(
        &self,
        expected: impl Into<String>,
        came: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Problem {
        let start = self.table.span().map_or(0, |span| span.start);
        mistake(expected, came, remedy).at_line(line_of(self.text, start))
    }
}

fn mistake(
    expected: impl Into<String>,
    came: impl Into<String>,
    remedy: impl Into<String>,
) -> Problem {
    Problem::in_file(MARKER, expected, came, remedy)
}

fn line_of(text: &str, offset: usize) -> usize {
    text[..offset.min(text.len())].matches('\n').count() + 1
}
