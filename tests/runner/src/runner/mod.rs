//! The commands. Each has a file; what they say stands in [`messages`].

mod author;
mod book;
mod check;
mod function;
mod help;
mod hint;
mod messages;
mod overview;
mod progress;
mod report;
mod reset;
mod rows;
mod solution;
mod spec;
mod switchboard;
mod target;
mod terminal;
mod trial;
mod watch;

use std::process::ExitCode;

use course::map::Course;
use course::problem::Problem;
use course::root;

use progress::Progress;

/// What every command works on.
struct Runner {
    course: Course,
    progress: Progress,
}

/// Why a command ended without success.
enum Stop {
    /// The reason, not yet told.
    Because(String),
    /// Everything was said already.
    Told,
}

/// The commands, as `help` lists them and as a typing error is compared with them.
const COMMANDS: [&str; 14] = [
    "list",
    "check",
    "watch",
    "hint",
    "diff",
    "solution",
    "reset",
    "use-mine",
    "use-theirs",
    "book",
    "generate",
    "verify",
    "bless",
    "help",
];

pub(crate) fn main(args: &[String]) -> ExitCode {
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Told) => ExitCode::FAILURE,
        Err(Stop::Because(reason)) => {
            terminal::complain(&reason);
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<(), Stop> {
    let (command, args) = match args {
        [] => ("", args),
        [command, args @ ..] => (command.as_str(), args),
    };
    let asks_for_help = |word: &str| matches!(word, "help" | "--help" | "-h");
    if asks_for_help(command) || args.iter().any(|arg| asks_for_help(arg)) {
        terminal::say(help::HELP);
        return Ok(());
    }
    let root = root::find()?;
    let course = Course::load(&root)?;
    let mut runner = Runner { progress: Progress::load(&course.root), course };
    match command {
        "" => runner.overview(),
        "list" => runner.list(args),
        "check" => runner.check(args),
        "watch" => runner.watch(args),
        "hint" => runner.hint(args),
        "diff" => runner.diff(args),
        "solution" => runner.solution(args),
        "reset" => runner.reset(args),
        "use-mine" => runner.use_mine(args),
        "use-theirs" => runner.use_theirs(args),
        "book" => book::open(&root, args),
        "generate" => runner.generate(args),
        "verify" => runner.verify(args),
        "bless" => runner.bless(args),
        place if runner.target(place).is_ok() => {
            Err(Stop::Because(messages::unknown_command(place, &format!("check {place}"))))
        }
        unknown => Err(Stop::Because(messages::unknown_command(unknown, nearest(unknown)))),
    }
}

/// The command that someone who typed `unknown` most likely meant.
fn nearest(unknown: &str) -> &'static str {
    let unknown = unknown.to_lowercase();
    let distance = |command: &&&str| strsim::damerau_levenshtein(command, &unknown);
    COMMANDS.iter().min_by_key(distance).expect("there are commands")
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Stop::Because(problem.to_string())
    }
}

impl From<Vec<Problem>> for Stop {
    fn from(problems: Vec<Problem>) -> Self {
        let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
        Stop::Because(lines.join("\n"))
    }
}
