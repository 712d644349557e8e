//! `generate`, `verify` and `bless`: for those who write lessons.

use std::sync::mpsc;
use std::thread;

use course::environment;
use course::generate;
use course::map::Lesson;
use course::problem::Problem;
use course::source::Source;
use course::steps::StepId;
use course::tree::{self, Difference};
use course::verify::{self, Verdict};

use super::terminal::{Paint, paint, say};
use super::{Runner, Stop, messages};

impl Runner {
    /// Writes the starters, or with `--check` compares them with what would be written.
    pub(super) fn generate(&self, args: &[String]) -> Result<(), Stop> {
        let (options, called) = self.options(args, &["--check"])?;
        let check = options.contains(&"--check");
        let mut failed = Vec::new();
        for lesson in self.lessons(called, "generate")? {
            match self.generate_one(&lesson, check) {
                Ok(lines) => failed.extend(lines),
                Err(Stop::Because(reason)) => failed.push(reason),
                Err(Stop::Told) => {}
            }
        }
        if !failed.is_empty() {
            return Err(Stop::Because(failed.join("\n")));
        }
        if check {
            say(messages::UP_TO_DATE);
        }
        Ok(())
    }

    /// Proves the lessons; tells everything that is wrong, not only the first.
    pub(super) fn verify(&self, args: &[String]) -> Result<(), Stop> {
        let (_, called) = self.options(args, &[])?;
        let (course, lessons) = (&self.course, &self.lessons(called, "verify")?);
        let mut problems = Vec::new();
        thread::scope(|scope| {
            // One ahead: the next lesson compiles while the tests of this one wait.
            let (sender, built) = mpsc::sync_channel(0);
            scope.spawn(move || {
                for lesson in lessons {
                    let built = verify::build(course, lesson);
                    sender.send((lesson, built)).expect("each lesson is proven");
                }
            });
            for (lesson, built) in built {
                let verdict = verify::lesson(course, lesson, built);
                tell_verdict(lesson, &verdict);
                problems.extend(verdict.problems);
            }
        });
        if called.is_none() {
            problems.extend(verify::whole(&self.course));
        }
        if problems.is_empty() { Ok(()) } else { Err(Stop::from(problems)) }
    }

    /// Lets the solutions write the transcripts that their tests expect.
    pub(super) fn bless(&self, args: &[String]) -> Result<(), Stop> {
        let (_, called) = self.options(args, &[])?;
        let called = called.ok_or_else(|| Stop::Because(messages::name_a_lesson("bless")))?;
        let packages = self.lessons(Some(called), "bless")?;
        let packages = packages.iter().flat_map(|lesson| ["--package", &lesson.name]);
        let status = environment::command("cargo")
            .args(["test", "--test", "spec", "--no-fail-fast"])
            // An option of cargo's: .cargo/config.toml overrides a variable.
            .args(["--config", r#"env.INSTA_UPDATE.value="always""#])
            .args(packages)
            .current_dir(&self.course.root)
            .status()
            .map_err(|error| {
                Problem::in_file(
                    "solutions",
                    "to run cargo",
                    error.to_string(),
                    "check that it is installed",
                )
            })?;
        if status.success() { Ok(()) } else { Err(Stop::Told) }
    }

    /// One lesson, or all that are written.
    fn lessons(&self, called: Option<&str>, command: &str) -> Result<Vec<Lesson>, Stop> {
        let Some(called) = called else { return Ok(self.course.written().cloned().collect()) };
        if let Ok(step) = called.parse::<StepId>()
            && let Some(lesson) = self.course.find(&step.lesson.to_string())
        {
            return Err(Stop::Because(messages::not_a_step(called, command, lesson)));
        }
        let lesson = self.course.find(called);
        let lesson = lesson.ok_or_else(|| Stop::Because(messages::unknown_lesson(called)))?;
        match lesson.is_written(&self.course.root) {
            true => Ok(vec![lesson.clone()]),
            false => Err(Stop::Because(messages::planned(lesson))),
        }
    }

    /// Returns what is not as it should be, in lines; when writing, nothing.
    fn generate_one(&self, lesson: &Lesson, check: bool) -> Result<Vec<String>, Stop> {
        let source = Source::load(&self.course, lesson)?;
        let files = generate::starter(&source)?;
        if !check {
            tree::write(&self.course.root, &lesson.starter(), &files)?;
            return Ok(Vec::new());
        }
        let differences = tree::differences(&self.course.root, &lesson.starter(), &files)?;
        Ok(differences.iter().map(|difference| stale(difference, lesson)).collect())
    }
}

fn tell_verdict(lesson: &Lesson, verdict: &Verdict) {
    let mark = match verdict.problems.is_empty() {
        true => paint(Paint::Good, messages::PROVEN),
        false => paint(Paint::Bad, &messages::wrong(verdict.problems.len())),
    };
    say(format!("{:<23} {:<39} {mark}", lesson.dir(), verdict.summary));
}

fn stale(difference: &Difference, lesson: &Lesson) -> String {
    let (file, came) = match difference {
        Difference::Changed(file) => (file, "another text"),
        Difference::Missing(file) => (file, "no file"),
        Difference::Extra(file) => (file, "a file that the solution does not have"),
    };
    let expected = format!("what {} generates", lesson.solution().display());
    let remedy = format!("run `cargo course generate {}`", lesson.id());
    Problem::in_file(file, expected, came, remedy).to_string()
}
