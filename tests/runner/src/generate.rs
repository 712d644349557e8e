//! From a solution to the starter that a learner opens.
//!
//! Anchors go, holes become their task as a comment and a `todo!()` (or what `steps.md` says the
//! starter begins with), the crate takes the lesson's name. Everything else stays as it is.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::holes::{self, Paired};
use crate::manifest;
use crate::problem::Problem;
use crate::rename;
use crate::source::Source;
use crate::tree::Tree;
use crate::wrap;

/// As in rustfmt.toml.
const WIDTH: usize = 100;

/// The files of the crate that a learner opens, formatted.
///
/// # Errors
///
/// If rustfmt is missing or refuses a file.
pub fn starter(source: &Source) -> Result<Tree, Problem> {
    written(source, 0)
}

/// The same files with the first steps written, as a learner's crate looks on the way.
///
/// # Errors
///
/// If rustfmt is missing or refuses a file.
pub fn written(source: &Source, steps: u8) -> Result<Tree, Problem> {
    let package = source.lesson.starter_package();
    let mut files = Tree::new();
    for (path, content) in &source.files {
        let text = std::str::from_utf8(content).ok();
        let content = match text {
            Some(text) if path == "Cargo.toml" => {
                manifest::starter(&source.lesson.solution().join(path), text, &package)?
            }
            Some(text) if path.ends_with(".rs") => {
                let filled = written_text(text, &source.pairs_in(path), steps);
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

/// A source text with the first steps written: `pairs` are its holes, in the order of the text.
fn written_text(text: &str, pairs: &[Paired<'_>], steps: u8) -> String {
    replace_holes(text, pairs, |pair| {
        if pair.step.id.step <= steps {
            return pair.hole.body.clone();
        }
        let comment = comment(pair);
        let placeholder = placeholder(pair);
        format!("{comment}{}{placeholder}\n", pair.hole.indent)
    })
}

/// A source text without the lines that only mark it.
fn without_anchors(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| holes::anchor(line).is_none()).collect()
}

/// What stands in a hole until it is written: `todo!(…)`, or an expression.
pub fn placeholder(pair: &Paired<'_>) -> String {
    match &pair.entry.starts_as {
        Some(expression) => expression.clone(),
        None => {
            let (id, title) = (pair.step.id, &pair.step.title);
            let text = format!("step {id}: {title} (cargo course hint {id})");
            let escaped = text.replace('\\', r"\\").replace('"', "\\\"");
            format!("todo!(\"{}\")", escaped.replace('{', "{{").replace('}', "}}"))
        }
    }
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
        let in_hole = pairs.peek().is_some_and(|pair| pair.hole.lines.contains(&index));
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
        lines.extend(wrap::wrap(&step.task, WIDTH - pair.hole.indent.len() - "// ".len()));
        lines.push(String::new());
        lines.push(format!("Stuck? cargo course hint {id}"));
    } else {
        lines.push(format!("TODO step {id}, continued: see `{}` in {}", first.item, first.file));
    }
    let commented =
        |line: &String| format!("{}{}\n", pair.hole.indent, format!("// {line}").trim_end());
    lines.iter().map(commented).collect()
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
        return Err(failed(came, "mend the solution, or the \"starts as\" expression"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
