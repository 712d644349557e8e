use std::fs;
use std::path::Path;

/// The guard at the top of each lesson test; made by [`step!`](crate::step!).
///
/// When the test fails, it says which step of the course the test belongs to:
///
/// ```text
/// step      1.2 Read the head
/// file      lessons/01-http-message/src/request_line.rs
/// expected  a request line has three parts
/// hint      cargo course hint 1.2
/// ```
///
/// It also keeps the test's own source out of its snapshots, which are shared and read by people.
#[must_use = "the guard works until it is dropped at the end of the test"]
pub struct Step {
    test: &'static str,
    _snapshots: insta::internals::SettingsBindDropGuard,
}

/// Ties a test to the step its name begins with. See [`Step`].
///
/// ```text
/// #[test]
/// fn s2_a_request_line_has_three_parts() {
///     let _step = transcript::step!();
/// }
/// ```
#[macro_export]
macro_rules! step {
    () => {{
        // Its full name holds that of the test: the thread's name would not, in a runtime's worker.
        fn here() {}
        $crate::Step::of(::std::any::type_name_of_val(&here))
    }};
}

impl Step {
    /// The step of the test whose path is `test`: `spec::l01_http_message::s2_a_request…::here`.
    #[doc(hidden)]
    pub fn of(test: &'static str) -> Self {
        let mut settings = insta::Settings::clone_current();
        settings.set_omit_expression(true);
        Self { test, _snapshots: settings.bind_to_scope() }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(name) = Name::parse(self.test)
        {
            eprint!("\n{}", name.report(Path::new(&manifest_dir())));
        }
    }
}

/// Where cargo says that the crate under test lies.
fn manifest_dir() -> String {
    std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default()
}

/// What a test's path says: `…::l01_http_message::s2_a_sentence::…`.
#[derive(Debug, PartialEq)]
struct Name {
    lesson: u8,
    step: u8,
    sentence: String,
}

impl Name {
    fn parse(test: &str) -> Option<Self> {
        let mut parts = test.split("::").skip_while(|part| numbered(part, 'l').is_none());
        let (lesson, _) = numbered(parts.next()?, 'l')?;
        let (step, sentence) = parts.find_map(|part| numbered(part, 's'))?;
        Some(Self { lesson, step, sentence: sentence.replace('_', " ") })
    }

    fn report(&self, crate_dir: &Path) -> String {
        let Self { lesson, step, sentence } = self;
        let id = format!("{lesson}.{step}");
        let (title, files) = in_steps(crate_dir, &id).unwrap_or_default();
        let place = ["lessons", "solutions"]
            .into_iter()
            .find(|place| crate_dir.parent().is_some_and(|parent| parent.ends_with(place)));
        let folder = Path::new(place.unwrap_or("")).join(crate_dir.file_name().unwrap_or_default());
        let mut report = format!("step      {}\n", format!("{id} {title}").trim_end());
        for file in files {
            report += &format!("file      {}\n", folder.join(file).display());
        }
        report + &format!("expected  {sentence}\nhint      cargo course hint {id}\n")
    }
}

/// `l01_http_message` is 1 and `http_message`.
fn numbered(part: &str, letter: char) -> Option<(u8, &str)> {
    let (number, rest) = part.strip_prefix(letter)?.split_once('_')?;
    Some((number.parse().ok()?, rest))
}

/// Title and files of a step, from the solution's `steps.md`: the one place that names them.
fn in_steps(crate_dir: &Path, id: &str) -> Option<(String, Vec<String>)> {
    let solution = crate_dir.join("../../solutions").join(crate_dir.file_name()?);
    let steps = fs::read_to_string(solution.join("steps.md")).ok()?;
    title_and_files(&steps, id)
}

fn title_and_files(steps: &str, id: &str) -> Option<(String, Vec<String>)> {
    let heading = format!("## {id} ");
    let mut lines = steps.lines().skip_while(|line| !line.starts_with(&heading));
    let title = lines.next()?.strip_prefix(&heading)?.to_owned();
    let bullets =
        lines.skip_while(|line| line.is_empty()).map_while(|line| line.strip_prefix("- `"));
    let mut files: Vec<String> =
        bullets.filter_map(|bullet| Some(bullet.split('`').next()?.to_owned())).collect();
    files.dedup();
    Some((title, files))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Name, title_and_files};

    #[test]
    fn a_path_names_lesson_step_and_sentence() {
        let name = Name::parse("spec::l01_http_message::s2_a_line_has_parts::{{closure}}::here");
        let expected = Name { lesson: 1, step: 2, sentence: "a line has parts".to_owned() };
        assert_eq!(name, Some(expected));
        assert_eq!(Name::parse("transcript::peer::tests::both"), None);
    }

    #[test]
    fn a_report_says_where_to_look_and_what_to_do() {
        let name = Name { lesson: 91, step: 2, sentence: "a line has parts".to_owned() };
        insta::assert_snapshot!(name.report(Path::new("/course/lessons/91-none")), @r"
        step      91.2
        expected  a line has parts
        hint      cargo course hint 91.2
        ");
    }
    #[test]
    fn a_step_may_lie_in_several_files() {
        let steps = "## 1.1 One\n\n- `src/z.rs`: `z`\n\n## 1.2 Two\n\n\
            - `src/a.rs`: `a`\n- `src/a.rs`: `b`, starts as `()`\n- `src/c.rs`: `c`\n\nTask.\n- `x`";
        let files = vec!["src/a.rs".to_owned(), "src/c.rs".to_owned()];
        assert_eq!(title_and_files(steps, "1.2"), Some(("Two".to_owned(), files)));
    }
}
