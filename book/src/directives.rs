//! The directives that this book adds to mdBook's own, as a preprocessor. `CONTRIBUTING.md` lists them.

use std::fmt::Display;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Result, anyhow, bail};
use course::includes::{Directive, SNAPSHOTS, directives};
use course::map::{Course, Lesson};
use course::source::Source;
use course::steps::StepId;
use mdbook_preprocessor::book::{Book, BookItem};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::drawings::Drawings;
use crate::words::Words;
use crate::{bars, lesson, road, solution, wire, wires};

/// Replaces `{{#wire …}}`, `{{#bars …}}`, `{{#lesson …}}`, `{{#steps …}}`, `{{#solution …}}`, `{{#road}}` and
/// `{{#wires}}`.
pub struct Directives {
    /// What the directives speak of.
    pub course: Course,
    /// The language of the pages.
    pub words: &'static Words,
    /// Where the drawings wait until the pages are rendered.
    pub drawings: Rc<Drawings>,
}

impl Preprocessor for Directives {
    fn name(&self) -> &str {
        "course"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let mut problems = Vec::new();
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item
                && let Some(path) = &chapter.source_path
            {
                match self.expand(path, &chapter.content) {
                    Ok(content) => chapter.content = content,
                    Err(found) => problems.extend(found),
                }
            }
        });
        if problems.is_empty() { Ok(book) } else { bail!("{}", problems.join("\n")) }
    }
}

impl Directives {
    /// The page at `path`, with every directive of ours replaced.
    ///
    /// # Errors
    ///
    /// Every directive that could not be, each as `path:line: why`.
    pub fn expand(&self, path: &Path, page: &str) -> Result<String, Vec<String>> {
        let mut expanded = String::with_capacity(page.len());
        let mut problems = Vec::new();
        let mut end = 0;
        for directive in directives(page) {
            match self.html(&directive) {
                Ok(None) => continue,
                Ok(Some(html)) => {
                    expanded.push_str(&page[end..directive.range.start]);
                    // The blank line ends the HTML block, whatever stands below it.
                    expanded.push_str(&format!("{}\n\n", self.drawings.take_out(&html)));
                    end = directive.range.end;
                }
                Err(why) => problems.push(format!("{}:{}: {why}", path.display(), directive.line)),
            }
        }
        expanded.push_str(&page[end..]);
        if problems.is_empty() { Ok(expanded) } else { Err(problems) }
    }

    /// What stands in place of the directive; none if it is not one of ours.
    fn html(&self, directive: &Directive<'_>) -> Result<Option<String>> {
        let argument = directive.argument;
        let html = match directive.name {
            "wire" => self.wire(argument)?,
            "bars" => self.snapshot(argument, |file| bars::figure(file, self.words))?,
            "lesson" => lesson::head(&self.course, self.lesson(argument)?, self.words),
            "steps" => lesson::steps(&self.source(self.lesson(argument)?)?),
            "solution" => {
                let id: StepId = argument.parse().map_err(|why: String| anyhow!(why))?;
                let source = self.source(self.lesson(&id.lesson.to_string())?)?;
                solution::folded(&source, id, self.words)?
            }
            "road" => road::figure(&self.course, self.words),
            "wires" => wires::index(&self.course)?,
            _ => return Ok(None),
        };
        Ok(Some(html))
    }

    /// `NAME.snap`, or `NAME.snap "caption"`.
    fn wire(&self, argument: &str) -> Result<String> {
        let (name, caption) = match argument.split_once(char::is_whitespace) {
            None => (argument, None),
            Some((name, caption)) => {
                let caption = caption.trim();
                let inner = caption.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                let expected = || anyhow!("expected a caption in quotes, found `{caption}`");
                (name, Some(inner.ok_or_else(expected)?))
            }
        };
        self.snapshot(name, |file| wire::figure(file, &wires::id(name), caption, self.words))
    }

    /// The figure that `draw` makes of a snapshot.
    fn snapshot<E: Display>(
        &self,
        name: &str,
        draw: impl FnOnce(&str) -> Result<String, E>,
    ) -> Result<String> {
        let path = Path::new(SNAPSHOTS).join(name);
        let in_snapshot = |why: &dyn Display| anyhow!("{}: {why}", path.display());
        let file = std::fs::read_to_string(self.course.root.join(&path));
        let file = file.map_err(|why| in_snapshot(&why))?;
        draw(&file).map_err(|why| in_snapshot(&why))
    }

    fn lesson(&self, called: &str) -> Result<&Lesson> {
        let unknown = || anyhow!("expected a lesson such as 01, found `{called}`");
        self.course.find(called).ok_or_else(unknown)
    }

    fn source(&self, lesson: &Lesson) -> Result<Source> {
        Source::load(&self.course, lesson).map_err(|problems| {
            let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
            anyhow!("{}", lines.join("\n"))
        })
    }
}
