//! From a solution to the starter that a learner opens.
//!
//! Anchors go, holes become their task as a comment and a `todo!()` (or what `steps.md` says the
//! starter begins with), the crate takes the lesson's name. Everything else stays as it is.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::holes::{self, Paired};
use crate::manifest;
use crate::map::Lesson;
use crate::problem::Problem;
use crate::rename;
use crate::source::{Source, Tree, tree};

const WIDTH: usize = 100;

/// What the generator makes of a solution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// What the learner opens.
    Starter,
    /// The starter with every hole filled: what a learner's crate looks like at the end.
    Solved,
}

/// The files of a lesson's crate, formatted.
///
/// # Errors
///
/// If rustfmt is missing or refuses a file.
pub fn files(source: &Source, variant: Variant) -> Result<Tree, Problem> {
    let package = source.lesson.starter_package();
    let mut files = Tree::new();
    for (path, content) in &source.files {
        let text = std::str::from_utf8(content).ok();
        let content = match text {
            Some(text) if path == "Cargo.toml" => {
                manifest::starter(&source.lesson.solution().join(path), text, &package)?
            }
            Some(text) if path.ends_with(".rs") => {
                let filled = match variant {
                    Variant::Starter => starter_text(text, &source.pairs_in(path)),
                    Variant::Solved => without_anchors(text),
                };
                let named = rename::crate_name(path, &filled, &source.lesson.name, &package);
                match named == text {
                    true => named,
                    false => format(&source.root, &source.lesson.solution().join(path), named)?,
                }
            }
            Some(text) => without_anchors(text),
            None => {
                files.insert(path.clone(), content.clone());
                continue;
            }
        };
        files.insert(path.clone(), content.into_bytes());
    }
    Ok(files)
}

/// A source text as the learner finds it: `pairs` are its holes, in the order of the text.
pub fn starter_text(text: &str, pairs: &[Paired<'_>]) -> String {
    replace_holes(text, pairs, |pair| {
        let comment = comment(pair);
        let placeholder = placeholder(pair);
        format!("{comment}{}{placeholder}\n", pair.hole.indent)
    })
}

/// A source text without the lines that only mark it.
pub fn without_anchors(text: &str) -> String {
    text.split_inclusive('\n')
        .filter(|line| holes::anchor(line).is_none())
        .collect()
}

/// What stands in a hole until it is written: `todo!(…)`, or an expression.
pub fn placeholder(pair: &Paired<'_>) -> String {
    match &pair.entry.starts_as {
        Some(expression) => expression.clone(),
        None => {
            let (id, title) = (pair.step.id, &pair.step.title);
            let text = format!("step {id}: {title} (cargo course hint {id})");
            let escaped = text.replace('\\', r"\\").replace('"', "\\\"");
            format!(
                "todo!(\"{}\")",
                escaped.replace('{', "{{").replace('}', "}}")
            )
        }
    }
}

/// What differs between a lesson's folder and what its solution generates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The file says something else.
    Changed(PathBuf),
    /// The file is not there.
    Missing(PathBuf),
    /// The solution has no such file.
    Extra(PathBuf),
}

/// Compares the starter on disk with `files`.
///
/// # Errors
///
/// If the folder exists and cannot be read.
pub fn differences(root: &Path, lesson: &Lesson, files: &Tree) -> Result<Vec<Difference>, Problem> {
    let dir = lesson.starter();
    let present = match root.join(&dir).is_dir() {
        true => tree(root, &dir)?,
        false => Tree::new(),
    };
    let mut differences = Vec::new();
    for (path, content) in files {
        match present.get(path) {
            None => differences.push(Difference::Missing(dir.join(path))),
            Some(found) if found != content => {
                differences.push(Difference::Changed(dir.join(path)))
            }
            Some(_) => {}
        }
    }
    let extra = present.keys().filter(|path| !files.contains_key(*path));
    differences.extend(extra.map(|path| Difference::Extra(dir.join(path))));
    Ok(differences)
}

/// Makes the folder `dir` hold exactly `files`; what is as it should be is not touched, so that
/// cargo does not build it again.
///
/// # Errors
///
/// The first file that cannot be written or removed.
pub fn write(root: &Path, dir: &Path, files: &Tree) -> Result<(), Problem> {
    let unwritable = |path: &Path, error: std::io::Error| {
        let (expected, remedy) = ("to write this file", "check the folder's permissions");
        Problem::in_file(path, expected, error.to_string(), remedy)
    };
    let present = match root.join(dir).is_dir() {
        true => tree(root, dir)?,
        false => Tree::new(),
    };
    for (path, content) in files
        .iter()
        .filter(|(path, content)| present.get(*path) != Some(content))
    {
        let file = dir.join(path);
        let folder = root
            .join(&file)
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default();
        std::fs::create_dir_all(folder).map_err(|error| unwritable(&file, error))?;
        std::fs::write(root.join(&file), content).map_err(|error| unwritable(&file, error))?;
    }
    for path in present.keys().filter(|path| !files.contains_key(*path)) {
        let file = dir.join(path);
        std::fs::remove_file(root.join(&file)).map_err(|error| unwritable(&file, error))?;
    }
    Ok(())
}

/// Replaces each hole by what `fill` returns and drops all other anchors.
pub(crate) fn replace_holes(
    text: &str,
    pairs: &[Paired<'_>],
    fill: impl Fn(&Paired<'_>) -> String,
) -> String {
    let mut result = String::with_capacity(text.len());
    let mut pairs = pairs.iter().peekable();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if let Some(pair) = pairs.next_if(|pair| pair.hole.lines.end == index + 1) {
            result.push_str(&fill(pair));
        }
        let in_hole = pairs
            .peek()
            .is_some_and(|pair| pair.hole.lines.contains(&index));
        if !in_hole && holes::anchor(line).is_none() {
            result.push_str(line);
        }
    }
    result
}

/// The task as a comment above the placeholder; a step's further holes only point at the first.
fn comment(pair: &Paired<'_>) -> String {
    let (step, id) = (pair.step, pair.step.id);
    let first = &step.holes[0];
    let mut lines = Vec::new();
    if pair.hole.id.index == 0 {
        lines.push(format!("TODO step {id}: {}", step.title));
        lines.push(String::new());
        lines.extend(wrap(
            &step.task,
            WIDTH - pair.hole.indent.len() - "// ".len(),
        ));
        lines.push(String::new());
        lines.push(format!("Stuck? cargo course hint {id}"));
    } else {
        lines.push(format!(
            "TODO step {id}, continued: see `{}` in {}",
            first.item, first.file
        ));
    }
    let commented =
        |line: &String| format!("{}{}\n", pair.hole.indent, format!("// {line}").trim_end());
    lines.iter().map(commented).collect()
}

/// Wraps Markdown: paragraphs and list items are filled, fences and blank lines stay.
fn wrap(markdown: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut in_fence = false;
    let mut hang: Option<usize> = None; // inside a paragraph: how deep its further lines stand
    for line in markdown.lines() {
        let text = line.trim();
        let is_fence = text.starts_with("```");
        if in_fence || is_fence || text.is_empty() {
            in_fence ^= is_fence;
            lines.push(line.trim_end().to_owned());
            hang = None;
            continue;
        }
        let marker = list_marker(text);
        let depth = match hang {
            Some(depth) if marker == 0 => depth,
            _ => {
                let indent = line.len() - line.trim_start().len();
                lines.push(" ".repeat(indent));
                *hang.insert(indent + marker)
            }
        };
        hang = Some(depth);
        for word in text.split_whitespace() {
            let last = lines.last_mut().expect("a paragraph began with a line");
            let used = last.chars().count();
            let is_first = last.trim().is_empty();
            if !is_first && used + 1 + word.chars().count() > width {
                lines.push(format!("{}{word}", " ".repeat(depth)));
            } else {
                last.push_str(if is_first { "" } else { " " });
                last.push_str(word);
            }
        }
    }
    lines
}

/// The width of `- `, `* ` or `1. ` at the start of a list item, or 0.
fn list_marker(text: &str) -> usize {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let digits = word.strip_suffix('.').unwrap_or_default();
    let numbered = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !rest.is_empty() && (word == "-" || word == "*" || numbered) {
        word.len() + 1
    } else {
        0
    }
}

/// Formats a text as `cargo fmt` would: a longer crate name moves imports and breaks lines.
fn format(root: &Path, file: &Path, text: String) -> Result<String, Problem> {
    let failed =
        |came: String, remedy: &str| Problem::in_file(file, "rustfmt to format it", came, remedy);
    let missing = |error: std::io::Error| failed(error.to_string(), "rustup component add rustfmt");
    let mut rustfmt = Command::new("rustfmt")
        .args(["--quiet", "--edition", "2024"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(missing)?;
    let mut stdin = rustfmt.stdin.take().expect("stdin is piped");
    // From a thread of its own: rustfmt may fill its output before it has read all input.
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = rustfmt.wait_with_output().map_err(missing)?;
    let written = writer.join().expect("writing to a pipe does not panic");
    if !output.status.success() || written.is_err() {
        let came = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(failed(
            came,
            "mend the solution, or the \"starts as\" expression",
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
