//! `cargo course book`: the book has a crate of its own, so that the runner starts fast.

use std::path::Path;
use std::process::Command;

use course::problem::Problem;

use super::terminal::say;
use super::{Stop, messages};

pub(super) fn open(root: &Path, args: &[String]) -> Result<(), Stop> {
    say(messages::BOOK);
    let status = Command::new("cargo")
        .args(["run", "--quiet", "--package", "course-book", "--"])
        .args(args)
        .current_dir(root)
        .status()
        .map_err(|error| {
            Problem::in_file(
                "book",
                "to run cargo",
                error.to_string(),
                "check that it is installed",
            )
        })?;
    if status.success() { Ok(()) } else { Err(Stop::Told) }
}
