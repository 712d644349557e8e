//! A learner goes through the real course: the first lessons hole by hole, from the starter's first
//! failure to a green lesson that the later ones run on; the others in text, for that they then hold
//! the solution's code, and `verify` proves the rest of them.

mod support;

use std::path::Path;

use course::generate;
use course::holes::Paired;
use course::map::{Course, Lesson};
use course::source::Source;
use course::steps::Step;
use support::Copy;

#[test]
fn every_written_lesson_can_be_taken() {
    let copy = copy_of_the_course();
    let course = Course::load(&copy.root).expect("the map can be read");
    let lessons: Vec<&Lesson> = course.written().collect();
    let [pure, over_sockets, ..] = lessons[..] else { panic!("expected two lessons or more") };
    for lesson in &lessons {
        let source = Source::load(&course, lesson).expect("the solution can be read");
        match [pure.number, over_sockets.number].contains(&lesson.number) {
            true => take(&copy, lesson, &source),
            false => source.steps.iter().for_each(|step| write(&copy, &source, step)),
        }
        is_written(&copy, &source);
    }
    copy.course(&["use-mine", &pure.id()]).well();
    copy.cargo(&["test", "--quiet", "--package", &over_sockets.name, "--test", "spec"]).well();
    run_on_all(&copy, &lessons);
    begin_again(&copy, pure);
}

/// The workspace without the crates that no lesson needs.
fn copy_of_the_course() -> Copy {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let copy = Copy::empty("learner");
    for path in ["Cargo.toml", "Cargo.lock", "rustfmt.toml", ".cargo", "lessons", "solutions"] {
        copy.add(&root.join(path), path);
    }
    for path in ["tests/transcript", "tests/runner/course.toml"] {
        copy.add(&root.join(path), path);
    }
    for entry in std::fs::read_dir(root.join("tests")).expect("tests can be read").flatten() {
        let name = entry.file_name().into_string().expect("names are UTF-8");
        // `11_engineio_client` is a folder beside its file: modules of one lesson's tests.
        let is_a_lessons = name.starts_with(|first: char| first.is_ascii_digit());
        if is_a_lessons || name == "snapshots" {
            copy.add(&entry.path(), &format!("tests/{name}"));
        }
    }
    let manifest = copy.read("Cargo.toml");
    let members = manifest.lines().find(|line| line.starts_with("members = ")).expect("members");
    copy.replace(
        "Cargo.toml",
        members,
        r#"members = ["lessons/*", "solutions/*", "tests/transcript"]"#,
    );
    let members = manifest.lines().find(|line| line.starts_with("default-members = "));
    copy.replace("Cargo.toml", &format!("\n{}", members.expect("default members")), "");
    // The learner here may have solved a lesson already, or put it below the others.
    copy.course(&["generate"]).well();
    for lesson in Course::load(&copy.root).expect("the map can be read").written() {
        copy.course(&["use-theirs", &lesson.id()]).well();
    }
    copy
}

/// Solves a lesson step by step: each is red before, and names itself; each is green after.
fn take(copy: &Copy, lesson: &Lesson, source: &Source) {
    for step in &source.steps {
        let red = copy.course(&["check", &step.id.to_string()]).badly(&[
            &format!("✗ step {}  {}", step.id, step.title),
            "\nexpected  ",
            "\ncame      ",
            &format!("\nedit      lessons/{}/src/", lesson.dir()),
            &format!("\nhint      cargo course hint {}", step.id),
        ]);
        for noise in ["cargo insta", "RUST_BACKTRACE", "Snapshot file", "thread '", "\x1b["] {
            assert!(!red.contains(noise), "expected no {noise:?}, came:\n{red}");
        }
        assert_eq!(red.contains("start line"), step.id.step == 1, "{red}");
        write(copy, source, step);
        let green = copy.course(&["check", &step.id.to_string()]).well();
        assert!(green.contains(&format!("✓ step {}", step.id)), "{green}");
    }
    let done = copy.course(&["check", &lesson.id()]).well();
    assert!(done.contains(&format!("Lesson {} is done", lesson.id())), "{done}");
    let package = lesson.starter_package();
    copy.cargo(&["check", "--quiet", "--all-targets", "--package", &package]).well();
}

/// Writes a step.
fn write(copy: &Copy, source: &Source, step: &Step) {
    let mut pairs = source.pairs();
    pairs.retain(|pair| pair.step.id == step.id);
    // In the order of the text, since the tasks of a step look alike.
    pairs.sort_by_key(|pair| pair.hole.lines.start);
    pairs.iter().for_each(|pair| paste(copy, &source.lesson, pair));
}

/// Nothing but the name tells the learner's crate from the solution.
fn is_written(copy: &Copy, source: &Source) {
    let last = u8::try_from(source.steps.len()).expect("a lesson has a few steps");
    for (path, content) in generate::written(source, last).expect("rustfmt runs") {
        let file = format!("lessons/{}/{path}", source.lesson.dir());
        let came = std::fs::read(copy.root.join(&file)).expect("the starter has each file");
        assert!(came == content, "expected the solution in {file}, came:\n{}", copy.read(&file));
    }
}

/// Writes the solution where the starter has its task: from the comment to the end of the block.
fn paste(copy: &Copy, lesson: &Lesson, pair: &Paired<'_>) {
    let file = format!("lessons/{}/{}", lesson.dir(), pair.entry.file);
    let text = copy.read(&file);
    let lines: Vec<&str> = text.lines().collect();
    let task = format!("{}// TODO step {}", pair.hole.indent, pair.step.id);
    let start = lines.iter().position(|line| line.starts_with(&task)).expect("a task");
    let is_end = |line: &&str| {
        let depth = line.len() - line.trim_start().len();
        line.trim_start().starts_with('}') && depth < pair.hole.indent.len()
    };
    let length = lines[start..].iter().position(is_end).expect("the end of the block");
    let before = lines[..start].iter().flat_map(|line| [*line, "\n"]);
    let after = lines[start + length..].iter().flat_map(|line| [*line, "\n"]);
    let solved: String = before.chain([pair.hole.body.as_str()]).chain(after).collect();
    copy.write(&file, &solved);
}

/// Every layer compiles on the learner's crates, and on no other; the last one's tests pass there.
fn run_on_all(copy: &Copy, lessons: &[&Lesson]) {
    for lesson in lessons {
        copy.course(&["use-mine", &lesson.id(), "--force"]).well();
    }
    for lesson in lessons {
        let package = lesson.starter_package();
        let tree = copy.cargo(&["tree", "--package", &package, "--edges", "normal"]).well();
        let theirs = lessons.iter().find(|other| tree.contains(&format!("─ {} v", other.name)));
        let theirs = theirs.map(|other| &other.name);
        assert_eq!(theirs, None, "expected the learner's crates alone, came:\n{tree}");
    }
    let starters = lessons.iter().map(|lesson| lesson.starter_package());
    let packages = starters.flat_map(|package| ["--package".to_owned(), package]);
    let args: Vec<String> =
        ["check", "--quiet"].map(str::to_owned).into_iter().chain(packages).collect();
    copy.cargo(&args.iter().map(String::as_str).collect::<Vec<_>>()).well();
    let last = lessons.last().expect("a lesson is written").starter_package();
    copy.cargo(&["test", "--quiet", "--package", &last]).well();
}

/// `reset` brings the starter back and keeps the work.
fn begin_again(copy: &Copy, lesson: &Lesson) {
    copy.course(&["reset", &lesson.id()]).well();
    let generated = copy.course(&["generate", "--check", &lesson.id()]).well();
    assert!(generated.contains("what the solutions generate"), "{generated}");
    let backup = copy.root.join(".course/backup").join(format!("{}-1", lesson.dir()));
    assert!(backup.join("src/lib.rs").is_file(), "expected a backup in {}", backup.display());
    copy.course(&["check", &lesson.id()]).badly(&["not yet written", "start line"]);
}
