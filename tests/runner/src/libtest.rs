//! What a test binary printed, as data.
//!
//! ```text
//! test l01_http_message::s1_a_response_ends ... FAILED
//! …
//! ---- l01_http_message::s1_a_response_ends stdout ----
//! what the test printed, and its panic
//! ```
//!
//! The text is libtest's only stable form.

use std::collections::BTreeMap;

/// One test and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// The full name: `l01_http_message::s1_a_response_ends`.
    pub name: String,
    /// Whether it passed; one that never ended did not.
    pub passed: bool,
    /// What it printed, if it failed.
    pub output: String,
}

impl Test {
    /// The step that the test belongs to: `2` for `s2_…`.
    pub fn step(&self) -> Option<u8> {
        step(&self.name)
    }

    /// The name of its function: `s1_a_response_ends`.
    pub fn function(&self) -> &str {
        function(&self.name)
    }

    /// The name as a sentence: what was expected.
    pub fn sentence(&self) -> String {
        let function = self.function();
        let words = match step(function) {
            Some(_) => function.split_once('_').map_or(function, |(_, words)| words),
            None => function,
        };
        words.replace('_', " ")
    }
}

/// A test's name without its module: `s1_a_response_ends`.
pub fn function(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

/// The step that a test's name begins with.
pub fn step(name: &str) -> Option<u8> {
    function(name).strip_prefix('s')?.split_once('_')?.0.parse().ok()
}

/// Reads the output of a test binary, in the order of the tests; `None` if no test was begun, for
/// example because the code does not compile.
pub fn parse(output: &str) -> Option<Vec<Test>> {
    let mut tests = Vec::new();
    let mut outputs: BTreeMap<&str, String> = BTreeMap::new();
    let mut section: Option<&str> = None;
    let mut begun = false;
    for line in output.lines() {
        begun |= line.starts_with("running ") && line.contains(" test");
        if let Some(name) = section_title(line) {
            section = Some(name);
        } else if line == "failures:" || line.starts_with("test result: ") {
            section = None;
        } else if let Some(name) = section {
            let text = outputs.entry(name).or_default();
            text.push_str(line);
            text.push('\n');
        } else if let Some((name, end)) = outcome(line) {
            let (name, passed) = (name.to_owned(), end.starts_with("ok"));
            tests.push(Test { name, passed, output: String::new() });
        }
    }
    for test in &mut tests {
        test.output = outputs.remove(test.name.as_str()).unwrap_or_default();
    }
    begun.then_some(tests)
}

/// Reads what a test binary prints for `--list`.
pub fn parse_list(output: &str) -> Vec<String> {
    output.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

/// The test binary that cargo names in a line of `cargo test --no-run`:
/// `  Executable tests/spec.rs (target/debug/deps/spec-0f3a)`.
pub fn executable(line: &str) -> Option<&str> {
    let path = line.trim_start().strip_prefix("Executable ")?.split_once('(')?.1;
    path.trim_end().strip_suffix(')')
}

/// Whether a line of the output says that a test failed.
pub fn is_failure(line: &str) -> bool {
    outcome(line).is_some_and(|(_, end)| end == "FAILED")
}

fn section_title(line: &str) -> Option<&str> {
    line.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

fn outcome(line: &str) -> Option<(&str, &str)> {
    let (name, end) = line.strip_prefix("test ")?.split_once(" ... ")?;
    Some((name.strip_suffix(" - should panic").unwrap_or(name), end))
}

#[cfg(test)]
mod tests {
    use super::{Test, parse};

    const OUTPUT: &str = "
running 2 tests
test l01::s1_a_line_ends ... ok
test l01::s2_a_line_is_short ... FAILED

failures:

---- l01::s2_a_line_is_short stdout ----

thread 'l01::s2_a_line_is_short' panicked at lessons/01/src/lib.rs:7:5:
not yet implemented: step 1.2


failures:
    l01::s2_a_line_is_short

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

    #[test]
    fn outcomes_and_outputs_are_joined() {
        let tests = parse(OUTPUT).expect("tests ran");
        assert_eq!(tests.iter().map(|test| test.passed).collect::<Vec<_>>(), [true, false]);
        assert_eq!(tests[1].step(), Some(2));
        assert_eq!(tests[1].sentence(), "a line is short");
        assert!(tests[1].output.contains("not yet implemented: step 1.2"));
        assert!(!tests[1].output.contains("failures:"));
    }

    #[test]
    fn a_test_that_never_ended_did_not_pass() {
        let tests = parse("running 1 test\ntest l01::s1_a_line_ends ... ").expect("a test began");
        let name = "l01::s1_a_line_ends".to_owned();
        assert_eq!(tests, [Test { name, passed: false, output: String::new() }]);
    }

    #[test]
    fn a_compile_error_is_not_a_test_run() {
        assert_eq!(parse("error[E0425]: cannot find value\n"), None);
    }
}
