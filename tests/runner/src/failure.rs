//! A failed test's output, cut down to what helps: what came, and where.

use std::iter;

use crate::libtest::Test;

/// What a failed test has to say.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where it panicked: `lessons/01-http-message/src/response.rs:41`.
    pub place: Option<String>,
    /// What came instead, in lines.
    pub came: Vec<String>,
    /// Whether it met a `todo!`.
    pub unwritten: bool,
}

/// Advice of insta's and of the standard library's that does not fit a course, by its beginning.
const NOISE: [&str; 13] = [
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
    "+new results",
    "\tlocal rejects: ",
    "\tglobal rejects: ",
];

/// The lines that `transcript::step!()` prints; the runner says the same in its own layout.
const STEP_BLOCK: [&str; 4] = ["step      ", "file      ", "expected  ", "hint      "];

/// What proptest prints below its smallest input.
const STATISTICS: &str = "\tsuccesses: ";

/// What a learner should never see, though it may come from the output.
const NOT_FOR_LEARNERS: [&str; 5] =
    ["cargo insta", "RUST_BACKTRACE", "Snapshot file", "thread '", "\x1b["];

impl Failure {
    /// The first line that says nothing to a learner.
    pub fn noise(&self) -> Option<&str> {
        let is_noise = |line: &&String| NOT_FOR_LEARNERS.iter().any(|noise| line.contains(noise));
        self.came.iter().find(is_noise).map(String::as_str)
    }
}

/// Reads the output of a failed test. The first panic is the cause; those that follow from it, and
/// those of a property test that looks for a smaller input, only repeat it.
pub fn read(test: &Test) -> Failure {
    let mut failure = Failure { place: None, came: Vec::new(), unwritten: false };
    let mut is_repetition = false;
    let mut lines = test.output.lines();
    while let Some(line) = lines.next() {
        if let Some((_, place)) = line.split_once(" panicked at ") {
            is_repetition = failure.place.is_some();
            failure.place.get_or_insert(without_column(place));
        } else if let Some(reason) = line.strip_prefix("Test failed: ")
            && !failure.unwritten
        {
            // The last word of a property test is of its smallest input.
            is_repetition = false;
            failure.came = useful(reason).into_iter().collect();
        } else if is_repetition {
            continue;
        } else if let Some(task) = line.strip_prefix("not yet implemented: ") {
            failure.unwritten = true;
            failure.came.push(unwritten(task));
        } else if let Some(input) = line.strip_prefix("minimal failing input: ") {
            let rest = lines.by_ref().take_while(|line| !line.starts_with(STATISTICS));
            let input = on_one_line(iter::once(input).chain(rest));
            end_reason(&mut failure.came);
            failure.came.push(smallest_input(&input));
        } else {
            failure.came.extend(useful(line));
        }
    }
    trim(&mut failure.came);
    failure
}

fn useful(line: &str) -> Option<String> {
    if line.contains("────") || line.contains("━━━━") {
        return None;
    }
    if let Some(unequal) = unequal(line) {
        return Some(unequal);
    }
    match line.split_once('│') {
        // The numbers beside a transcript are of no use: no one is to open its file.
        Some((numbers, text)) if numbers.bytes().all(|b| b == b' ' || b.is_ascii_digit()) => {
            let at = text.chars().next().map_or(0, char::len_utf8);
            Some(format!("{} {}", &text[..at], text[at..].trim_end()))
        }
        _ if line.contains("┈┈┈┈") => Some("  …".to_owned()),
        _ if line == "-old snapshot" => Some(ANOTHER_TRANSCRIPT.to_owned()),
        _ if NOISE.iter().chain(&STEP_BLOCK).any(|noise| line.starts_with(noise)) => None,
        _ => Some(line.trim_end().to_owned()),
    }
}

/// A line of what `assert_eq!(came, expected)` and its sister of proptest's say.
fn unequal(line: &str) -> Option<String> {
    let what = line.strip_prefix("assertion `left == right` failed");
    if let Some(what) = what.or_else(|| line.strip_prefix("assertion failed: `(left == right)`")) {
        return Some(another_value(what.trim_end()));
    }
    let came = line.strip_prefix("  left: ").map(|value| value.trim_end_matches(','));
    let came = came.map(value_came);
    came.or_else(|| line.strip_prefix(" right: ").map(value_expected))
}

/// What `{:#?}` spread over lines.
fn on_one_line<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for line in lines.map(str::trim) {
        if line.starts_with([']', ')', '}']) && text.ends_with(", ") {
            text.truncate(text.len() - ", ".len());
        }
        text.push_str(line);
        if line.ends_with(',') {
            text.push(' ');
        }
    }
    text
}

/// Takes away what proptest puts behind a reason: ` at tests/01_http_message.rs:326.`
fn end_reason(came: &mut [String]) {
    let Some(last) = came.last_mut() else { return };
    let reason = last.strip_suffix('.').unwrap_or(last);
    *last = match reason.rsplit_once(" at ") {
        Some((reason, place)) if place.contains(".rs:") => reason.to_owned(),
        _ => reason.to_owned(),
    };
}

/// `file:line:column:` without the column, which no one types.
fn without_column(place: &str) -> String {
    let place = place.trim_end_matches(':');
    place.rsplit_once(':').map_or(place, |(place, _)| place).to_owned()
}

/// Takes away empty lines at both ends, and all but one elsewhere.
fn trim(lines: &mut Vec<String>) {
    lines.dedup_by(|a, b| a.trim().is_empty() && b.trim().is_empty());
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    if lines.first().is_some_and(|line| line.trim().is_empty()) {
        lines.remove(0);
    }
}

// How the runner says it.

/// What came instead of a transcript; its lines follow, with these signs.
const ANOTHER_TRANSCRIPT: &str = "another transcript (- expected, + came)";

/// What came instead of a value: `why` is empty, or a colon and the test's own words.
fn another_value(why: &str) -> String {
    format!("another value{why}")
}

fn value_came(value: &str) -> String {
    format!("+ came      {value}")
}

fn value_expected(value: &str) -> String {
    format!("- expected  {value}")
}

fn smallest_input(input: &str) -> String {
    format!("smallest input that fails: {input}")
}

fn unwritten(task: &str) -> String {
    let title = task.split_once(" (cargo course").map_or(task, |(title, _)| title);
    format!("not yet written: {title}")
}

#[cfg(test)]
mod tests {
    use crate::libtest::Test;

    fn came(output: &str) -> String {
        let test = Test { name: String::new(), passed: false, output: output.to_owned() };
        super::read(&test).came.join("\n")
    }

    #[test]
    fn a_difference_stays_and_advice_goes() {
        let output = "━━━━ Snapshot Summary ━━━━
Snapshot file: tests/snapshots/spec__l01__s1_x.snap
Snapshot: s1_x
Source: /course:12
────────
-old snapshot
+new results
────────
    1     1 │ client → server   GET /
    2       │-server → client   200
          2 │+server → client   404
────────
To update snapshots run `cargo insta review`
Stopped on the first failure. Run `cargo insta test` to run all snapshots.

thread 'l01::s1_x' (7) panicked at tests/01.rs:12:5:
snapshot assertion for 's1_x' failed in line 12
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace

step      1.1 Write a response
file      lessons/01/src/lib.rs
expected  x
hint      cargo course hint 1.1
";
        insta::assert_snapshot!(came(output), @r"
        another transcript (- expected, + came)
          client → server   GET /
        - server → client   200
        + server → client   404
        ");
    }

    #[test]
    fn a_value_is_told_from_the_one_expected() {
        let output = "thread 'a' panicked at tests/01.rs:9:5:
assertion `left == right` failed: the status
  left: 404
 right: 200
";
        insta::assert_snapshot!(came(output), @r"
        another value: the status
        + came      404
        - expected  200
        ");
    }

    #[test]
    fn a_property_says_its_smallest_input_once() {
        let output = "thread 'a' panicked at lessons/01/src/lib.rs:3:5:
index out of bounds: the index is 70

thread 'a' panicked at lessons/01/src/lib.rs:3:5:
index out of bounds: the index is 1

thread 'a' panicked at tests/01.rs:9:5:
Test failed: index out of bounds: the index is 1.
minimal failing input: pieces = [
    [
        71,
        10,
    ],
    [],
]
\tsuccesses: 40
\tlocal rejects: 0
\tglobal rejects: 0

note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
";
        insta::assert_snapshot!(came(output), @r"
        index out of bounds: the index is 1
        smallest input that fails: pieces = [[71, 10], []]
        ");
    }

    #[test]
    fn a_property_that_is_asserted_says_its_reason_without_the_place() {
        let output = "thread 'a' panicked at tests/01.rs:9:5:
Test failed: assertion failed: `(left == right)` 
  left: `1`,
 right: `2` at lessons/01/tests/../../../tests/01.rs:267.
minimal failing input: cut = 3
\tsuccesses: 0
";
        insta::assert_snapshot!(came(output), @r"
        another value
        + came      `1`
        - expected  `2`
        smallest input that fails: cut = 3
        ");
    }
}
