//! What a learner sees: the commands, on the small course in `fixture`.

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
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

/// Writes what the solution has in place of every hole of a lesson.
fn solve(course: &Copy, lesson: &str, files: &[&str]) {
    for file in files {
        course.write(
            &format!("lessons/{lesson}/src/{file}"),
            &course.read(&format!("solutions/{lesson}/src/{file}")),
        );
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

        Every test fails now: that is the start line.
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

        Every test fails now: that is the start line.
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
    let diff = course.course(&["diff", "1.1"]).well();
    assert!(diff.contains("+    let greeting") && !diff.contains("src/name.rs"), "{diff}");
    solve(&course, "01-greeting", &["name.rs"]);
    insta::assert_snapshot!(course.course(&["check", "01"]).well());
    insta::assert_snapshot!(course.course(&["diff", "01"]).well());
    insta::assert_snapshot!(course.course(&["solution", "1.2"]).well());
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

        Step 1.1 comes before step 1.2, and does not pass (any more).
    "#);
}

#[test]
fn a_compile_error_is_shown_as_the_compiler_says_it() {
    let course = fixture("compile");
    solve(&course, "01-greeting", &["lib.rs"]);
    course.replace("lessons/01-greeting/src/lib.rs", "format!", "formet!");
    let text = course.course(&["check"]).badly(&[
        "cannot find macro `formet` in this scope",
        "lessons/01-greeting/src/lib.rs:14:5",
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
    course.course(&["check", "1.2"]).badly(&["✗ step 1.1", "Step 1.1 comes before step 1.2"]);
    assert!(course.course(&[]).well().contains("next      step 1.1"));
}

#[test]
fn watch_goes_on_when_nothing_can_be_typed() {
    let course = fixture("watch");
    let mut watch = Command::new(env!("CARGO_BIN_EXE_course"));
    let watch = course.here(watch.arg("watch")).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut watch = watch.spawn().expect("watch starts");
    let mut lines =
        BufReader::new(watch.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let (sender, said) = mpsc::channel();
    let reader = thread::spawn(move || lines.try_for_each(|line| sender.send(line)));
    let says = |text: &str| {
        let line = |_| said.recv_timeout(DEADLINE).ok();
        (0..).map_while(line).any(|line| line.contains(text))
    };
    let begins = says("0 of 1 tests pass") && says("waiting for you to save");
    solve(&course, "01-greeting", &["lib.rs"]);
    let goes_on = says("✓ step 1.1") && says("waiting for you to save");
    watch.kill().expect("watch can be ended");
    watch.wait().expect("watch ended");
    assert!(begins, "expected the step's failure, and a watch that waits");
    assert!(goes_on, "expected a second run after a file was saved");
    reader.join().expect("reading a pipe does not panic").expect("all was heard");
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

          ```rust
          format!("Good morning, {name}")
          ```

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
    assert!(course.course(&[]).well().contains("■■  mine"));
    let tree = course.cargo(&["tree", "--package", "door"]).well();
    assert!(tree.contains("lesson-01-greeting"), "{tree}");
    course.course(&["use-theirs", "01"]).well();
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
    std::fs::remove_dir_all(course.root.join("lessons/01-greeting")).expect("removed");
    wrong(
        &["check", "01"],
        &["expected your crate in lessons/01-greeting", "cargo course reset 01"],
    );
}
