//! A failed test's output, cut down to what helps: what came, and where.

use course::libtest::Test;

use super::messages;

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

/// Reads the output of a failed test. The first panic is the cause; those that follow from it, and
/// those of a property test that looks for a smaller input, only repeat it.
pub(super) fn read(test: &Test) -> Failure {
    let mut failure = Failure { place: None, came: Vec::new(), unwritten: false };
    let mut is_repetition = false;
    for line in test.output.lines() {
        if let Some((_, place)) = line.split_once(" panicked at ") {
            is_repetition = failure.place.is_some();
            failure.place.get_or_insert(without_column(place));
            continue;
        }
        // The last word of a property test: the smallest input that fails.
        is_repetition &= failure.unwritten || !line.starts_with("Test failed: ");
        if is_repetition {
            continue;
        }
        if let Some(task) = line.strip_prefix("not yet implemented: ") {
            failure.unwritten = true;
            failure.came.push(messages::unwritten(task));
        } else if let Some(line) = useful(line) {
            failure.came.push(line);
        }
    }
    trim(&mut failure.came);
    failure
}

fn useful(line: &str) -> Option<String> {
    let is_rule = line.contains("━━━━") || line.contains("────");
    let is_noise = NOISE.iter().chain(&STEP_BLOCK).any(|noise| line.starts_with(noise));
    match line.trim() {
        _ if is_rule || is_noise => None,
        "-old snapshot" => Some(messages::MINUS.to_owned()),
        "+new results" => Some(messages::PLUS.to_owned()),
        _ => Some(line.trim_end().to_owned()),
    }
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

#[cfg(test)]
mod tests {
    use course::libtest::Test;

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
        - expected
        + came
            1     1 │ client → server   GET /
            2       │-server → client   200
                  2 │+server → client   404
        ");
    }

    #[test]
    fn a_property_says_its_smallest_input_once() {
        let output = "thread 'a' panicked at lessons/01/src/lib.rs:3:5:
index out of bounds

thread 'a' panicked at lessons/01/src/lib.rs:3:5:
index out of bounds

thread 'a' panicked at tests/01.rs:9:5:
Test failed: index out of bounds.
minimal failing input: bytes = [0]
";
        insta::assert_snapshot!(came(output), @r"
        index out of bounds

        Test failed: index out of bounds.
        minimal failing input: bytes = [0]
        ");
    }
}
