//! Where the course lies on this machine.

use std::path::{Path, PathBuf};

use crate::problem::Problem;

/// The file that marks the root: `tests/runner/course.toml`.
pub const MARKER: &str = "tests/runner/course.toml";

/// Finds the root: `COURSE_ROOT` if it is set, else the nearest folder upwards from the current one
/// that holds [`MARKER`].
///
/// # Errors
///
/// If there is no such folder, or `COURSE_ROOT` names one without the marker.
pub fn find() -> Result<PathBuf, Problem> {
    if let Some(root) = std::env::var_os("COURSE_ROOT") {
        let root = PathBuf::from(root);
        return match root.join(MARKER).is_file() {
            true => Ok(root),
            false => Err(missing(&root, "point COURSE_ROOT at the course, or unset it")),
        };
    }
    let here = std::env::current_dir().unwrap_or_default();
    above(&here).ok_or_else(|| missing(&here, "change into the folder of the course"))
}

/// The nearest folder, from `start` upwards, that holds [`MARKER`].
pub fn above(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(MARKER).is_file()).map(Path::to_path_buf)
}

fn missing(folder: &Path, remedy: &str) -> Problem {
    Problem::in_file(folder, format!("a folder that holds {MARKER}"), "none", remedy)
}
