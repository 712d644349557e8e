//! `cargo course`: where you are, what comes next, and whether it works.

mod runner;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    runner::main(&args)
}
