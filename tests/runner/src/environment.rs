//! The learner's environment: what of it reaches the tests.
//!
//! A variable in someone's shell must not decide whether a test passes (`INSTA_FORCE_PASS`), write
//! over a transcript (`INSTA_UPDATE`), or change the output that is read here (`CARGO_TERM_QUIET`,
//! `RUST_TEST_NOCAPTURE`). Where to build and with which toolchain stays the learner's choice.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// The names of what stays outside begin with one of these.
const OUTSIDE: [&str; 6] =
    ["CARGO_TERM_", "INSTA_", "PROPTEST_", "RUST_BACKTRACE", "RUST_LIB_BACKTRACE", "RUST_TEST_"];

/// Runs cargo, or a test binary that it built.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if OUTSIDE.iter().any(|outside| text.starts_with(outside)) {
            command.env_remove(&name);
        }
    }
    // Said aloud, since the learner's own cargo configuration may say otherwise.
    command.env("CARGO_TERM_QUIET", "false").env("CARGO_TERM_VERBOSE", "false");
    command
}

/// Runs the test binary of the crate in `dir` as cargo would: there, and with the settings of
/// `.cargo/config.toml`, which cargo alone reads.
pub fn spec(binary: &Path, dir: &Path, root: &Path) -> Command {
    let mut command = command(binary);
    command
        .current_dir(dir)
        .env("CARGO_MANIFEST_DIR", dir)
        .env("INSTA_UPDATE", "no")
        .env("INSTA_WORKSPACE_ROOT", root);
    command
}
