//! `verify` and `generate --check` pass on a course that is right, and name what is wrong.

mod support;

use std::path::Path;

use support::Copy;

const LIB: &str = "solutions/01-greeting/src/lib.rs";
const NAME: &str = "solutions/01-greeting/src/name.rs";
const STEPS: &str = "solutions/01-greeting/steps.md";
const TESTS: &str = "tests/01_greeting.rs";
const CHAPTER: &str = "book/en/src/01-greeting.md";

fn fixture(name: &str) -> Copy {
    let copy = Copy::empty(&format!("verify-{name}"));
    copy.add(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture"), "");
    copy
}

#[test]
fn a_course_that_is_right_is_proven() {
    let course = fixture("right");
    let text = course.course(&["verify"]).well();
    assert!(text.contains("2 steps, 3 holes, 3 tests, 7 runs"), "{text}");
    assert!(text.contains("1 step, 1 hole, 1 test, 3 runs"), "{text}");
    assert_eq!(text.matches("proven").count(), 2, "{text}");
}

#[test]
fn a_step_without_a_test() {
    let course = fixture("no-test");
    course.replace(TESTS, "fn s1_", "fn s2_");
    course.course(&["verify", "01"]).badly(&[TESTS, "a test of step 1.1, named s1_…"]);
}

#[test]
fn a_starter_that_does_not_compile() {
    let course = fixture("no-compile");
    course.replace(STEPS, "starts as `Ok(())`", "starts as `Ok(1)`");
    course.course(&["verify", "01"]).badly(&["lessons/01-greeting", "name.rs:10", "E0308"]);
}

#[test]
fn a_starter_with_a_warning() {
    let course = fixture("warning");
    course.replace(
        LIB,
        "pub mod name;",
        "pub mod name;\n\n#[deprecated]\nfn old() {}\n\n/// New.\npub fn new() {\n    old();\n}",
    );
    course.course(&["verify", "01"]).badly(&["lessons/01-greeting", "warning: use of deprecated"]);
}

#[test]
fn a_hint_that_is_missing() {
    let course = fixture("no-hint");
    course.replace(STEPS, "### Hint 3\n\n`if name.is_empty() { return Err(…) }`\n", "");
    course.course(&["verify", "01"]).badly(&["steps.md:23", "3 hints for step 1.2", "came 2"]);
}

#[test]
fn a_hole_that_steps_md_does_not_know() {
    let course = fixture("no-bullet");
    course.replace(STEPS, "- `src/name.rs`: `short`\n", "");
    course.course(&["verify", "01"]).badly(&["src/name.rs:17", "a bullet", "step_1_2_b"]);
}

#[test]
fn a_bullet_without_a_hole() {
    let course = fixture("no-hole");
    course.replace(LIB, "    // ANCHOR: step_1_1\n", "");
    course.replace(LIB, "    // ANCHOR_END: step_1_1\n", "");
    course.course(&["verify", "01"]).badly(&["steps.md:5", "ANCHOR: step_1_1 in src/lib.rs"]);
}

#[test]
fn a_hole_that_is_not_the_rest_of_its_block() {
    let course = fixture("no-tail");
    course.replace(
        LIB,
        "    format!(\"{greeting}, {name}\")\n    // ANCHOR_END: step_1_1",
        "    // ANCHOR_END: step_1_1\n    format!(\"{greeting}, {name}\")",
    );
    course.course(&["verify", "01"]).badly(&["src/lib.rs:14", "the rest of its block"]);
}

#[test]
fn a_hole_that_no_test_misses() {
    let course = fixture("untested");
    course.replace(TESTS, "#[test]\nfn s2_who", "fn _s2_who");
    course.course(&["verify", "01"]).badly(&["src/name.rs:5", "fails without hole 1.2,"]);
}

#[test]
fn a_test_that_passes_before_its_step_is_written() {
    let course = fixture("too-easy");
    course.replace(
        TESTS,
        "assert!(name::check(\"\").is_err(), \"step 1.2: expected a refusal\");",
        "",
    );
    let passes = "s2_who_has_no_name_is_refused to fail with step 1.2 and later ones unwritten";
    course.course(&["verify", "01"]).badly(&[TESTS, passes]);
}

#[test]
fn a_test_that_needs_a_later_step() {
    let course = fixture("too-early");
    course.replace(TESTS, "fn s2_a_short", "fn s1_a_short");
    let fails = "s1_a_short_name_is_the_first_word to pass with step 1.2 and later ones unwritten";
    course.course(&["verify", "01"]).badly(&[TESTS, fails]);
}

#[test]
fn a_failure_that_does_not_name_its_step() {
    let course = fixture("nameless");
    course.replace(TESTS, "step 1.2: expected a refusal", "expected a refusal");
    let nameless = "the failure of l01_greeting::s2_who_has_no_name_is_refused to name step 1.2";
    course.course(&["verify", "01"]).badly(&[TESTS, nameless]);
}

#[test]
fn a_failure_that_helps_no_learner() {
    let course = fixture("noise");
    course.replace(TESTS, "step 1.2: expected a refusal", "step 1.2: set RUST_BACKTRACE");
    let noise = "the failure of l01_greeting::s2_who_has_no_name_is_refused to say what came";
    course.course(&["verify", "01"]).badly(&[TESTS, noise, "step 1.2: set RUST_BACKTRACE"]);
}

#[test]
fn a_test_that_ends_all_others() {
    let course = fixture("abort");
    course.replace(
        TESTS,
        "#[test]\nfn s2_who",
        "#[test]\nfn s1_b() { std::process::abort() }\n\n#[test]\nfn s2_who",
    );
    let fails = "s1_b to pass with step 1.2 and later ones unwritten";
    course.course(&["verify", "01"]).badly(&[TESTS, fails]);
}

#[test]
fn what_the_book_names_and_no_one_has() {
    let course = fixture("book");
    course.replace(CHAPTER, ":no_name", ":no_nome");
    course.replace(CHAPTER, "01_greeting__s1", "01_greeting__s9");
    course.replace(CHAPTER, "{{#solution 1.2}}", "{{#solution 1.7}}");
    course.replace(
        CHAPTER,
        "{{#steps 01}}",
        "{{#steps 03}}\n{{#include ../nowhere.rs}}\n{{#box}}\n{{#include 01-greeting.md:1:2}}",
    );
    course.course(&["verify"]).badly(&[
        "01-greeting.md:5: expected the transcript",
        "01-greeting.md:8: expected ANCHOR: no_nome",
        "01-greeting.md:11: expected step \"1.7\"",
        "01-greeting.md:13: expected steps in solutions/03-dance/steps.md",
        "01-greeting.md:14: expected the file book/en/nowhere.rs",
        "01-greeting.md:15: expected include, wire,",
        "01-greeting.md:16: expected an anchor or `from:` in book/en/src/01-greeting.md",
    ]);
}

#[test]
fn a_lesson_without_a_chapter_or_a_switch() {
    let course = fixture("parts");
    std::fs::remove_file(course.root.join(CHAPTER)).expect("removed");
    course.replace("Cargo.toml", "door = { path = \"solutions/02-door\" }\n", "");
    course.course(&["verify"]).badly(&[
        "book/en/src/01-greeting.md: expected a chapter",
        "Cargo.toml: expected door = { path = \"solutions/02-door\" } in the switchboard",
    ]);
}

#[test]
fn a_transcript_that_no_test_writes() {
    let course = fixture("orphan");
    course.write("tests/snapshots/spec__l01_greeting__s1_gone-2.snap", "");
    course.course(&["verify"]).badly(&["s1_gone-2.snap", "fn s1_gone in tests/01_greeting.rs"]);
}

#[test]
fn a_map_with_a_mistake() {
    let course = fixture("map");
    course.replace("tests/runner/course.toml", "number = 2", "number = 4");
    course.course(&["verify"]).badly(&["course.toml:11", "number = 2", "came 4"]);
}

#[test]
fn a_starter_that_is_older_than_its_solution() {
    let course = fixture("stale");
    course.course(&["generate"]).well();
    course.course(&["generate", "--check"]).well();
    course.replace(NAME, "ask the guest", "ask again");
    course.course(&["generate", "--check"]).well(); // the starter does not hold that line
    course.replace(NAME, "The first word", "The very first word");
    course.write("lessons/02-door/src/old.rs", "");
    std::fs::remove_file(course.root.join("lessons/02-door/src/lib.rs")).expect("removed");
    course.course(&["generate", "--check"]).badly(&[
        "lessons/01-greeting/src/name.rs: expected what solutions/01-greeting generates",
        "run `cargo course generate 01`",
        "lessons/02-door/src/lib.rs: expected what solutions/02-door generates, came no file",
        "lessons/02-door/src/old.rs",
    ]);
    course.course(&["generate"]).well();
    course.course(&["generate", "--check"]).well();
    assert!(!course.root.join("lessons/02-door/src/old.rs").exists());
}

#[test]
fn only_beside_the_manifest_is_target_what_cargo_built() {
    let course = fixture("target");
    for folder in ["target", "src/target"] {
        let folder = format!("solutions/02-door/{folder}");
        std::fs::create_dir_all(course.root.join(&folder)).expect("made");
        course.write(&format!("{folder}/mod.rs"), "");
    }
    course.course(&["generate", "02"]).well();
    assert!(course.root.join("lessons/02-door/src/target/mod.rs").exists());
    assert!(!course.root.join("lessons/02-door/target").exists());
}

#[test]
fn a_starter_begins_with_its_task() {
    let course = fixture("starter");
    course.course(&["generate"]).well();
    insta::assert_snapshot!(course.read("lessons/01-greeting/src/lib.rs"));
    insta::assert_snapshot!(course.read("lessons/01-greeting/src/name.rs"));
    insta::assert_snapshot!(course.read("lessons/01-greeting/Cargo.toml"));
    insta::assert_snapshot!(course.read("lessons/01-greeting/examples/greet-ada.rs"));
}
