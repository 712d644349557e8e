//! A mistake in the course's own files, told to the person who can mend it.

use std::fmt;
use std::path::{Path, PathBuf};

/// A mistake: where it is, what was expected there, what came, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the course's root.
    pub file: PathBuf,
    /// The line, counted from 1, where one can be named.
    pub line: Option<usize>,
    /// What belongs there.
    pub expected: String,
    /// What stands there.
    pub came: String,
    /// The next action.
    pub remedy: String,
}

impl Problem {
    /// A problem with a file as a whole.
    pub fn in_file(
        file: impl AsRef<Path>,
        expected: impl Into<String>,
        came: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Problem {
            file: file.as_ref().to_path_buf(),
            line: None,
            expected: expected.into(),
            came: came.into(),
            remedy: remedy.into(),
        }
    }

    /// The same problem, at a line counted from 1.
    #[must_use]
    pub fn at_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": expected {}, came {}; {}", self.expected, self.came, self.remedy)
    }
}

impl std::error::Error for Problem {}

/// Reads a text file of the course; a failure names the file as seen from `root`.
pub(crate) fn read(root: &Path, file: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(root.join(file)).map_err(|error| {
        Problem::in_file(
            file,
            "a file that can be read",
            error.to_string(),
            "create it, or mend the path",
        )
    })
}
