//! What a learner sees: the commands, on the small course in `fixture`.

mod support;

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use support::Copy;

/// For what a command says next, on a machine under load; a test that passes never waits for it.
const DEADLINE: Duration = Duration::from_secs(60);

fn fixture(name: &str) -> Copy {
    let copy = Copy::empty(&format!("commands-{name}"));
    copy.add(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture"), "");
    copy.course(&["generate"]).well();
    copy
}

/// Writes what the solution has, without its anchors.
fn solve(course: &Copy, lesson: &str, files: &[&str]) {
    for file in files {
        let solution = course.read(&format!("solutions/{lesson}/src/{file}"));
        let lines = solution.lines().filter(|line| !line.contains("// ANCHOR"));
        let solved: String = lines.flat_map(|line| [line, "\n"]).collect();
        course.write(&format!("lessons/{lesson}/src/{file}"), &solved);
    }
}

#[test]
fn the_map_says_where_you_are_and_what_comes_next() {
    let course = fixture("map");
    insta::assert_snapshot!(course.course(&[]).well(), @r"
        Manners
        ▸ 01  A guest is greeted by name                                □□
          02  A door that greets whoever comes                          □
        Parties
          03  Everyone dances                                           planned
        Of the crates under door, 0 of 1 are yours.

        Every test of lesson 01 fails now: that is the start line.
        next      step 1.1  Greet by name
        edit      lessons/01-greeting/src/lib.rs: `greet`
        read      cargo course book   (chapter 01, 5 minutes)
        check     cargo course check   (at every save: cargo course watch)
        hint      cargo course hint 1.1
    ");
}

#[test]
fn the_list_names_every_step() {
    let course = fixture("list");
    insta::assert_snapshot!(course.course(&["list"]).well(), @r"
        01  A guest is greeted by name
          · 1.1  Greet by name
          · 1.2  Refuse who has no name
        02  A door that greets whoever comes
          · 2.1  Open the door
        03  Everyone dances (planned)
    ");
}

#[test]
fn the_first_failure_is_the_start_line() {
    let course = fixture("start");
    insta::assert_snapshot!(course.course(&["check"]).badly(&[]), @r"
        ✗ step 1.1  Greet by name                                  0 of 1 tests pass

        expected  a guest is greeted by name
        came      not yet written: step 1.1: Greet by name
        edit      lessons/01-greeting/src/lib.rs:18
        hint      cargo course hint 1.1

        Every test of lesson 01 fails now: that is the start line.
    ");
}

#[test]
fn a_green_step_leads_to_the_next_and_a_green_lesson_to_its_solution() {
    let course = fixture("green");
    solve(&course, "01-greeting", &["lib.rs"]);
    insta::assert_snapshot!(course.course(&["check"]).well(), @r"
        ✓ step 1.1  Greet by name                                  1 of 1 tests pass

        next      step 1.2  Refuse who has no name
        edit      lessons/01-greeting/src/name.rs: `check`
        edit      lessons/01-greeting/src/name.rs: `short`
        read      cargo course book   (chapter 01, 5 minutes)
        check     cargo course check   (at every save: cargo course watch)
        hint      cargo course hint 1.2
    ");
    course.course(&["diff", "01"]).badly(&["lesson 01 is not green yet", "cargo course check 01"]);
    course.course(&["solution", "1.2"]).badly(&["step 1.2 is not green yet"]);
    assert!(course.course(&["solution", "1.1"]).well().contains("let greeting"));
    solve(&course, "01-greeting", &["name.rs"]);
    insta::assert_snapshot!(course.course(&["check", "01"]).well());
    insta::assert_snapshot!(course.course(&["diff", "01"]).well());
    insta::assert_snapshot!(course.course(&["solution", "1.2"]).well());
}

#[test]
fn a_diff_sets_your_function_against_the_solution() {
    let course = fixture("diff");
    solve(&course, "01-greeting", &["lib.rs"]);
    course.replace("lessons/01-greeting/src/lib.rs", "{greeting}, {name}", "Hello");
    course.course(&["check"]).badly(&["came"]);
    course.course(&["diff", "1.1"]).badly(&["cargo course check 1.1`", "diff 1.1 --force"]);
    insta::assert_snapshot!(course.course(&["diff", "1.1", "--force"]).well(), @r#"
        step 1.1  lessons/01-greeting/src/lib.rs: `greet`
        --- yours
        +++ the solution
        @@ -1,4 +1,4 @@
         pub fn greet(name: &str) -> String {
             let greeting = "Good morning";
        -    format!("Hello")
        +    format!("{greeting}, {name}")
         }
    "#);
}

#[test]
fn a_failure_says_what_came_and_where_to_write() {
    let course = fixture("failure");
    solve(&course, "01-greeting", &["lib.rs"]);
    course.replace("lessons/01-greeting/src/lib.rs", "Good morning\"", "Good evening\"");
    insta::assert_snapshot!(course.course(&["check", "1.2"]).badly(&[]), @r#"
        ✗ step 1.1  Greet by name                                  0 of 1 tests pass

        expected  a guest is greeted by name
        came      another value: step 1.1
                  + came      "Good evening, Ada"
                  - expected  "Good morning, Ada"
        edit      lessons/01-greeting/src/lib.rs:11: `greet`
        hint      cargo course hint 1.1

        Step 1.1 comes before step 1.2, and does not pass yet.
    "#);
}

#[test]
fn a_compile_error_is_shown_as_the_compiler_says_it() {
    let course = fixture("compile");
    solve(&course, "01-greeting", &["lib.rs"]);
    course.replace("lessons/01-greeting/src/lib.rs", "format!", "formet!");
    let text = course.course(&["check"]).badly(&[
        "cannot find macro `formet` in this scope",
        "lessons/01-greeting/src/lib.rs:13:5",
        "step 1.1  Greet by name: the code does not compile yet",
        "cargo course hint 1.1",
    ]);
    assert!(!text.contains("Compiling"), "{text}");
}

#[test]
fn tests_that_are_cut_short_are_no_result() {
    let course = fixture("abort");
    solve(&course, "01-greeting", &["lib.rs"]);
    let abort = "if !name.is_empty() { std::process::abort() }\n    format!";
    course.replace("lessons/01-greeting/src/lib.rs", "format!", abort);
    course.course(&["check"]).badly(&["SIGABRT", "the tests began and did not end"]);
}

#[test]
fn a_loop_without_end_is_ended() {
    let course = fixture("loop");
    solve(&course, "01-greeting", &["lib.rs"]);
    course.replace("lessons/01-greeting/src/name.rs", "Ok(())", "loop {}");
    let check = ["check", "1.2", "--all"];
    let red = course.course_in(&[("COURSE_LIMIT", "2")], &check).badly(&[]);
    insta::assert_snapshot!(red, @r"
        ✓ step 1.1  Greet by name                                  1 of 1 tests pass
        ✗ step 1.2  Refuse who has no name                         0 of 2 tests pass

        expected  who has no name is refused
        came      has not ended after 2 s:
                  is there a loop that never waits or moves on, or a lock taken twice?
        edit      lessons/01-greeting/src/name.rs:4: `check`
        edit      lessons/01-greeting/src/name.rs:14: `short`

        expected  a short name is the first word
        came      not yet written: step 1.2: Refuse who has no name
        edit      lessons/01-greeting/src/name.rs:16
        hint      cargo course hint 1.2

        stopped, for want of an end:
                · s2_who_has_no_name_is_refused
    ");
}

#[test]
fn an_error_in_the_tests_is_the_fault_of_the_course() {
    let course = fixture("fault");
    course.replace("tests/01_greeting.rs", "greet(\"Ada\")", "greet(\"Ada\", 1)");
    let text = course.course(&["check"]).badly(&["which are the course's"]);
    assert!(!text.contains("cargo course hint"), "{text}");
}

#[test]
fn the_shell_does_not_reach_the_tests() {
    let shell = [
        ("CARGO_TERM_COLOR", "always"),
        ("CARGO_TERM_QUIET", "true"),
        ("INSTA_FORCE_PASS", "1"),
        ("INSTA_UPDATE", "always"),
        ("RUST_BACKTRACE", "full"),
        ("RUST_TEST_NOCAPTURE", "1"),
    ];
    let course = fixture("shell");
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cargo/config.toml");
    course.add(&config, ".cargo/config.toml");
    let config = course.read(".cargo/config.toml") + "[term]\nquiet = true\n";
    course.write(".cargo/config.toml", &config);
    let red = course.course(&["check"]).badly(&["✗ step 1.1"]);
    assert_eq!(course.course_in(&shell, &["check"]).badly(&[]), red);
    course.course_in(&shell, &["verify", "01"]).well();

    solve(&course, "01-greeting", &["lib.rs", "name.rs"]);
    let test = course.read("tests/01_greeting.rs");
    let expect_insta = |update: &str| {
        let asserts = format!(
            r#"assert_eq!(std::env::var("INSTA_UPDATE").as_deref(), Ok("{update}"));
            assert_eq!(std::env::var_os("INSTA_FORCE_PASS"), None);
            assert_eq!(greet("Ada"), "#
        );
        let test = test.replace("assert_eq!(greet(\"Ada\"), ", &asserts);
        course.write("tests/01_greeting.rs", &test);
    };
    expect_insta("no");
    course.course_in(&shell, &["check", "01"]).well();
    expect_insta("always");
    course.course_in(&shell, &["bless", "01"]).well();
}

#[test]
fn what_was_green_is_not_when_it_breaks() {
    let course = fixture("breaks");
    solve(&course, "01-greeting", &["lib.rs", "name.rs"]);
    course.course(&["check", "01"]).well();
    course.replace("lessons/01-greeting/src/lib.rs", "Good morning\"", "Good evening\"");
    let red = course.course(&["check", "01"]).badly(&["✗ step 1.1"]);
    assert!(!red.contains("comes before"), "{red}");
    solve(&course, "01-greeting", &["lib.rs"]);
    course.course(&["check", "01"]).well();
    course.replace("lessons/01-greeting/src/lib.rs", "Good morning\"", "Good evening\"");
    course.course(&["check", "1.2"]).badly(&["Step 1.1 comes before step 1.2", "any more"]);
    assert!(course.course(&[]).well().contains("next      step 1.1"));
}

#[test]
fn watch_goes_on_when_nothing_can_be_typed() {
    let course = fixture("watch");
    let watch = Watch::start(&course, &["watch"]);
    watch.says("0 of 1 tests pass");
    watch.says("waiting for you to save");
    solve(&course, "01-greeting", &["lib.rs"]);
    watch.says("✓ step 1.1");
    watch.says("next      step 1.2");
    watch.says("waiting for you to save");
}

#[test]
fn a_save_ends_a_test_that_still_runs() {
    let course = fixture("save");
    solve(&course, "01-greeting", &["lib.rs"]);
    let test = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = test.local_addr().expect("bound");
    let endless =
        format!("let _call = std::net::TcpStream::connect(\"{address}\");\n    loop {{}}");
    let greet = "format!(\"{greeting}, {name}\")";
    course.replace("lessons/01-greeting/src/lib.rs", greet, &endless);
    let watch = Watch::start(&course, &["watch", "1.1"]);
    let (mut call, _) = test.accept().expect("the test runs");
    solve(&course, "01-greeting", &["lib.rs"]);
    let ended = call.read(&mut [0]);
    assert!(matches!(ended, Ok(0) | Err(_)), "expected the test's end, came {ended:?}");
    watch.says("✓ step 1.1");
    watch.says("waiting for you to save");
}

/// `cargo course watch`, ended when it is dropped.
struct Watch {
    process: Child,
    said: Receiver<String>,
}

impl Watch {
    fn start(course: &Copy, args: &[&str]) -> Watch {
        let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
        let command = course.here(command.args(args)).env("COURSE_LIMIT", "3600");
        let mut process =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("watch starts");
        let pipe = BufReader::new(process.stdout.take().expect("stdout is piped"));
        let (sender, said) = mpsc::channel();
        thread::spawn(move || {
            pipe.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Watch { process, said }
    }

    /// Waits until it says a line that holds `text`.
    #[track_caller]
    fn says(&self, text: &str) {
        let mut came = Vec::new();
        while !came.last().is_some_and(|line: &String| line.contains(text)) {
            match self.said.recv_timeout(DEADLINE) {
                Ok(line) => came.push(line),
                Err(_) => panic!("expected {text:?}, came:\n{}", came.join("\n")),
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // A process that ended already is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn hints_come_one_at_a_time() {
    let course = fixture("hints");
    let hint = |args: &[&str]| course.course(args).well();
    assert!(hint(&["hint"]).contains("hint 1 of 3"));
    assert!(hint(&["hint", "1.1"]).contains("hint 2 of 3"));
    assert!(hint(&["hint", "2.1"]).contains("hint 1 of 3"));
    insta::assert_snapshot!(hint(&["hint"]), @r#"
        step 1.1  Greet by name: hint 3 of 3

              format!("Good morning, {name}")

        That was the last hint. After all: cargo course solution 1.1 --force
    "#);
    assert!(hint(&["hint"]).contains("hint 3 of 3"));
    let all = hint(&["hint", "1.2", "--all"]);
    assert!(all.contains("hint 1 of 3") && all.contains("hint 3 of 3"), "{all}");
}

#[test]
fn the_switchboard_is_switched_and_keeps_its_comments() {
    let course = fixture("switchboard");
    let theirs = course.read("Cargo.toml");
    course.course(&["use-mine", "01"]).badly(&["lesson 01 is not green yet", "--force"]);
    assert_eq!(course.read("Cargo.toml"), theirs);
    solve(&course, "01-greeting", &["lib.rs", "name.rs"]);
    course.course(&["check", "01"]).well();
    course.course(&["use-mine", "01"]).well();
    let mine = r#"greeting = { path = "lessons/01-greeting", package = "lesson-01-greeting" } # the first layer"#;
    assert!(course.read("Cargo.toml").contains(mine), "{}", course.read("Cargo.toml"));
    let map = course.course(&[]).well();
    assert!(map.contains("■■  mine") && map.contains("under door, 1 of 1 are yours"), "{map}");
    let tree = course.cargo(&["tree", "--package", "door"]).well();
    assert!(tree.contains("lesson-01-greeting"), "{tree}");
    course.course(&["use-theirs", "01"]).well();
    assert_eq!(course.read("Cargo.toml"), theirs);

    course.replace("lessons/01-greeting/src/lib.rs", "Good morning\"", "Good evening\"");
    course.course(&["use-mine", "01"]).badly(&["Good evening, Ada", "lesson 01 is not green yet"]);
    course.course(&["use-mine", "01", "--force"]).well();
    course.replace("lessons/01-greeting/src/lib.rs", "format!", "formet!");
    course.course(&["check", "02"]).badly(&[
        "cannot find macro `formet` in this scope",
        "the code does not compile yet",
        "The error lies in lesson 01: your crate",
        "cargo course use-theirs 01",
    ]);
    let reset = course.course(&["reset", "01"]).well();
    assert!(reset.contains("greeting is now solutions/01-greeting"), "{reset}");
    assert_eq!(course.read("Cargo.toml"), theirs);
}

#[test]
fn reset_keeps_what_was_written() {
    let course = fixture("reset");
    let file = "lessons/01-greeting/src/lib.rs";
    let starter = course.read(file);
    for number in 1..=2 {
        course.write(file, &format!("// attempt {number}\n"));
        course.course(&["reset", "01"]).well();
        assert_eq!(course.read(file), starter);
        let backup = format!(".course/backup/01-greeting-{number}/src/lib.rs");
        assert_eq!(course.read(&backup), format!("// attempt {number}\n"));
    }
    let again = course.course(&["reset", "01"]).well();
    assert!(again.contains("there was nothing to keep"), "{again}");
    assert!(!course.root.join(".course/backup/01-greeting-3").exists());
}

#[test]
fn reset_goes_back_to_the_lesson() {
    let course = fixture("back");
    solve(&course, "01-greeting", &["lib.rs", "name.rs"]);
    course.course(&["check", "01"]).well();
    course.course(&["check", "02"]).badly(&["Every test of lesson 02 fails now"]);
    assert!(course.course(&[]).well().contains("▸ 02"));
    course.course(&["reset", "01"]).well();
    assert!(course.course(&[]).well().contains("▸ 01"));
}

#[test]
fn a_progress_file_full_of_garbage_is_a_fresh_start() {
    let course = fixture("garbage");
    std::fs::create_dir_all(course.root.join(".course")).expect("made");
    let garbage = b"\xff\xfe green\ngreen greeting x\ngreen greeting 999\nat nowhere\nhint a b c\n";
    std::fs::write(course.root.join(".course/progress"), garbage).expect("written");
    assert!(course.course(&[]).well().contains("next      step 1.1"));
    course.course(&["hint"]).well();
    assert_eq!(course.read(".course/progress"), "hint greeting 1 1\nat nowhere\n");
}

#[test]
fn what_is_typed_wrong_is_answered_with_what_was_meant() {
    let course = fixture("typing");
    let wrong = |args: &[&str], parts: &[&str]| drop(course.course(args).badly(parts));
    wrong(&["chekc"], &["there is no command `chekc`", "cargo course check"]);
    wrong(&["check", "9"], &["expected a lesson such as 01", "came `9`"]);
    wrong(&["check", "1.9"], &["expected a step from 1.1 to 1.2, came 1.9"]);
    wrong(&["check", "1.x"], &["expected a step such as 1.2, came \"1.x\""]);
    wrong(&["check", "03"], &["lesson 03", "is planned and not written yet"]);
    wrong(&["check", "01", "02"], &["expected one lesson or step, came `02` too"]);
    wrong(&["diff"], &["expected a lesson, came none", "cargo course diff 01"]);
    wrong(&["hint", "--al"], &["expected --all, came --al"]);
    wrong(&["CHECK"], &["did you mean `cargo course check`"]);
    wrong(&["1.2"], &["did you mean `cargo course check 1.2`"]);
    wrong(&["check", "1.1.1"], &["came \"1.1.1\"", "cargo course list"]);
    wrong(&["check", ""], &["expected a lesson such as 01", "came ``"]);
    wrong(&["watch", "1.9"], &["expected a step from 1.1 to 1.2"]);
    wrong(&["list", "1.2"], &["expected a lesson, came the step 1.2", "cargo course list 01"]);
    wrong(&["reset", "1.2"], &["cargo course reset 01"]);
    wrong(&["bless"], &["expected a lesson, came none", "cargo course bless 01"]);
    for command in ["bless", "generate", "verify"] {
        wrong(&[command, "1.1"], &["came the step 1.1", &format!("`cargo course {command} 01`")]);
    }
    wrong(&["book", "--prot", "4000"], &["expected nothing, --build, or --port and a number"]);
    let list = course.course(&["list", "2"]).well();
    assert!(list.contains("2.1") && !list.contains("1.1"), "{list}");
    assert!(course.course(&["check", "--help"]).well().contains("cargo course list"));
    std::fs::remove_dir_all(course.root.join("lessons/01-greeting")).expect("removed");
    wrong(
        &["check", "01"],
        &["expected your crate in lessons/01-greeting", "cargo course reset 01"],
    );
}
