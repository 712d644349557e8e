//! A failed test's output, cut down to what helps: what came, and where.

use course::libtest::Test;

/// What a failed test has to say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// Where it panicked: `lessons/01-http-message/src/response.rs:41`.
    pub(super) place: Option<String>,
    /// What came instead, in lines.
    pub(super) came: Vec<String>,
    /// Whether it met a `todo!`.
    pub(super) unwritten: bool,
}

/// Advice of insta's and of the standard library's that does not fit a course, by its beginning.
const NOISE: [&str; 10] = [
    "note: run with `RUST_BACKTRACE",
    "note: Some details are omitted",
    "stack backtrace:",
    "To update snapshots run",
    "Stopped on the first failure",
    "Run `cargo insta",
    "Snapshot file: ",
    "Snapshot: ",
    "Source: ",
    "snapshot assertion for ",
];

/// The lines that `transcript::step!()` prints; the runner says the same in its own layout.
const STEP_BLOCK: [&str; 4] = ["step      ", "file      ", "expected  ", "hint      "];

/// Reads the output of a failed test.
pub(super) fn read(test: &Test) -> Failure {
    let mut failure = Failure { place: None, came: Vec::new(), unwritten: false };
    for line in test.output.lines() {
        if let Some((_, place)) = line.split_once(" panicked at ") {
            failure.place.get_or_insert(without_column(place));
        } else if let Some(task) = line.strip_prefix("not yet implemented: ") {
            failure.unwritten = true;
            failure.came.push(format!("not yet written: {task}"));
        } else if let Some(line) = useful(line) {
            failure.came.push(line);
        }
    }
    let blank = |line: &String| line.trim().is_empty();
    failure.came.dedup_by(|a, b| blank(a) && blank(b));
    let first = failure.came.iter().position(|line| !blank(line)).unwrap_or(0);
    failure.came.drain(..first);
    while failure.came.last().is_some_and(blank) {
        failure.came.pop();
    }
    failure
}

fn useful(line: &str) -> Option<String> {
    let is_rule = line.contains("━━━━") || line.contains("────");
    let is_noise = NOISE.iter().chain(&STEP_BLOCK).any(|noise| line.starts_with(noise));
    match line.trim() {
        _ if is_rule || is_noise => None,
        "-old snapshot" => Some("- expected".to_owned()),
        "+new results" => Some("+ came".to_owned()),
        _ => Some(line.trim_end().to_owned()),
    }
}

/// `file:line:column:` without the column, which no one types.
fn without_column(place: &str) -> String {
    let place = place.trim_end_matches(':');
    place.rsplit_once(':').map_or(place, |(place, _)| place).to_owned()
}
