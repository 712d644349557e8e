//! The course's server beside others, under the same load: what each takes, as ratios.
//!
//! ```console
//! $ cargo run --profile measured -p bench
//! $ cargo run --profile measured -p bench -- --rounds 9 --secs 1 --only course,socketioxide,echo,room
//! ```
//!
//! Each server is a process of its own on a CPU of its own. This process is the load, on another CPU: frames
//! and HTTP written by hand, so that no code under test judges itself, and the load costs less than what it
//! measures.

mod options;

mod servers;
mod subject;

mod load;

mod calibration;
mod machine;

mod conduct;
mod statistics;

mod chart;
mod report;
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1).peekable();
    let result = match args.next_if_eq("serve") {
        Some(_) => servers::serve(args.next().as_deref()),
        None if args.peek().is_some_and(|arg| arg == "--help") => {
            println!("{}", options::HELP);
            Ok(())
        }
        None => options::read(args).and_then(|options| conduct::conduct(&options)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
