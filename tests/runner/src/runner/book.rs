//! `cargo course book`: the book has a crate of its own, so that the runner starts fast.

use std::env::consts::EXE_SUFFIX;
use std::path::Path;
use std::process::Command;

use course::problem::Problem;

use super::terminal::say;
use super::{Stop, messages};

pub(super) fn open(root: &Path, args: &[String]) -> Result<(), Stop> {
    if !are_known(args) {
        return Err(Stop::Because(messages::BOOK_OPTIONS.to_owned()));
    }
    if !is_built() {
        say(messages::BOOK);
    }
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

/// Asked here already: to be refused after a minute of building is no fun.
fn are_known(args: &[String]) -> bool {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        [] | ["--build"] => true,
        ["--port", port] => port.parse::<u16>().is_ok(),
        _ => false,
    }
}

/// Whether the book's program lies beside the runner's, where cargo puts both.
fn is_built() -> bool {
    let book =
        |runner: std::path::PathBuf| runner.with_file_name(format!("course-book{EXE_SUFFIX}"));
    std::env::current_exe().is_ok_and(|runner| book(runner).is_file())
}
