//! Transcripts that no test writes any more.

use std::path::Path;

use crate::includes::SNAPSHOTS;
use crate::map::{Course, Lesson};
use crate::problem::Problem;
use crate::tree;

/// Reports every `tests/snapshots/spec__lNN_…__TEST.snap` whose test does not exist.
pub(super) fn orphans(course: &Course) -> Vec<Problem> {
    if !course.root.join(SNAPSHOTS).is_dir() {
        return Vec::new();
    }
    let files = match tree::read(&course.root, Path::new(SNAPSHOTS)) {
        Ok(files) => files,
        Err(problem) => return vec![problem],
    };
    let names = files.keys().filter_map(|name| name.strip_suffix(".snap"));
    names.filter_map(|name| orphan(course, name)).collect()
}

fn orphan(course: &Course, name: &str) -> Option<Problem> {
    let file = Path::new(SNAPSHOTS).join(format!("{name}.snap"));
    let problem = |expected: String| Problem::in_file(&file, expected, "no such test", "delete it");
    let belongs = |lesson: &Lesson| -> Option<String> {
        let rest = name.strip_prefix("spec__")?.strip_prefix(&lesson.test_module())?;
        Some(rest.strip_prefix("__")?.to_owned())
    };
    let Some((lesson, test)) = course.lessons().find_map(|l| Some((l, belongs(l)?))) else {
        return Some(problem("a name such as spec__l01_http_message__s1_….snap".to_owned()));
    };
    let function = without_counter(&test);
    let tests = std::fs::read_to_string(course.root.join(lesson.test_file())).unwrap_or_default();
    // insta takes `test_` off a function's name.
    let exists = [format!("fn {function}("), format!("fn test_{function}(")]
        .iter()
        .any(|declaration| tests.contains(declaration));
    (!exists).then(|| problem(format!("fn {function} in {}", lesson.test_file().display())))
}

/// A test's second transcript ends in `-2`.
fn without_counter(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((function, digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => function,
        _ => name,
    }
}
