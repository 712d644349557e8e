//! The solution of a step, folded: what changes from the starter, file by file.

use anyhow::{Result, bail};
use course::generate::placeholder;
use course::holes::{Paired, anchor};
use course::source::Source;
use course::steps::StepId;

use crate::svg::escape;
use crate::words::Words;

/// How many lines a signature may take.
const SIGNATURE: usize = 12;

/// The step's solution as a diff that a click unfolds.
///
/// # Errors
///
/// If the lesson has no such step.
pub fn folded(source: &Source, id: StepId, words: &Words) -> Result<String> {
    let Some(step) = source.steps.iter().find(|step| step.id == id) else {
        bail!("expected a step of lesson {}, found `{id}`", source.lesson.id());
    };
    let pairs = source.pairs().into_iter().filter(|pair| pair.step.id == id);
    let diffs: String = pairs.map(|pair| hunk(source, &pair)).collect();
    let title = escape(&step.title.replace('`', ""));
    let word = words.solution_of;
    Ok(format!(
        r#"<details class="solution"><summary>{word} {id}: {title}</summary>{diffs}</details>"#
    ))
}

fn hunk(source: &Source, pair: &Paired<'_>) -> String {
    let file = &pair.entry.file;
    let text = String::from_utf8_lossy(&source.files[file]);
    format!(
        r#"<p class="file"><code>{}</code></p><pre><code class="language-diff">{}</code></pre>"#,
        escape(&format!("{}/{file}", source.lesson.starter().display())),
        escape(&diff(&text, pair)),
    )
}

/// The hole within its function: the signature above, the placeholder out, the body in.
fn diff(text: &str, pair: &Paired<'_>) -> String {
    let lines: Vec<_> = text.lines().collect();
    let above = signature(&lines[..pair.hole.lines.start]);
    let body = &pair.hole.body;
    let outer = above.first().map_or(pair.hole.indent.as_str(), |line| indent(line));
    let marked =
        |mark: char, line: &str| format!("{mark}{}\n", line.strip_prefix(outer).unwrap_or(line));
    let mut diff = String::new();
    diff.extend(above.iter().map(|line| marked(' ', line)));
    diff.push_str(&marked('-', &format!("{}{}", pair.hole.indent, placeholder(pair))));
    diff.extend(body.lines().map(|line| marked('+', line)));
    let below = lines.get(pair.hole.lines.end).filter(|_| !above.is_empty());
    diff.extend(below.map(|line| marked(' ', line)));
    diff
}

/// From the nearest `fn` above the hole down to it; nothing if there is none near.
fn signature<'a>(above: &[&'a str]) -> Vec<&'a str> {
    let near = &above[above.len().saturating_sub(SIGNATURE)..];
    let start = near.iter().rposition(|line| is_fn(line)).unwrap_or(near.len());
    let lines = near[start..].iter().copied();
    lines.filter(|line| anchor(line).is_none()).collect()
}

fn is_fn(line: &str) -> bool {
    let line = line.trim_start();
    !line.starts_with("//") && (line.starts_with("fn ") || line.contains(" fn "))
}

fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}
