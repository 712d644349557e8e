//! `cargo course help`: every command on one screen.

pub(super) const HELP: &str = "\
cargo course                where you are, and what comes next
cargo course list           every step of every lesson; list 01: of one

cargo course check          test the step you are at
cargo course check 01       test a lesson; 1.2: up to a step
cargo course check --all    show every failure of the step, not the first alone
cargo course watch          test again whenever you save, and go on
cargo course watch 01       stay in a lesson, or with 1.2 at a step
cargo course hint           a hint for the step you are at, then the next
cargo course hint 1.2       for another step; --all shows all three
cargo course book           read the book in the browser; --port N, --build

cargo course solution 01    the solution, once your tests are green; 1.2: a step
cargo course diff 01        your code against the solution, likewise
                            (--force for either, before)
cargo course reset 01       begin again; your work is kept in .course/backup
cargo course use-mine 01    test your crate, and let later lessons run on it
cargo course use-theirs 01  let them run on the solution again

For those who write lessons (see CONTRIBUTING.md):
cargo course generate       write lessons/ from solutions/, or --check it
cargo course verify         prove that the lessons work as lessons
cargo course bless 01       accept the transcripts that the solution writes

Plain cargo works as well: cargo test -p lesson-01-http-message s1_";
