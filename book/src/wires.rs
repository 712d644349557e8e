//! Where the book shows which drawing: an index that the chapters' own directives make.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use course::includes::{BOOK, Directive, directives};
use course::map::{Course, Lesson};

use crate::svg::escape;

/// Every chapter that shows a transcript, and a link to each.
///
/// # Errors
///
/// If a chapter cannot be read.
pub fn index(course: &Course) -> Result<String> {
    let mut index = String::new();
    for lesson in course.lessons() {
        let chapter = lesson.chapter();
        let path = course.root.join(&chapter);
        if path.is_file() {
            let page = fs::read_to_string(&path).with_context(|| chapter.display().to_string())?;
            index.push_str(&entry(lesson, &chapter, &page));
        }
    }
    Ok(format!(r#"<dl class="wires">{index}</dl>"#))
}

fn entry(lesson: &Lesson, chapter: &Path, page: &str) -> String {
    let page_name = chapter.strip_prefix(BOOK).unwrap_or(chapter).display().to_string();
    let mut shown = Vec::new();
    for directive in directives(page).iter().filter(|directive| directive.name == "wire") {
        let (name, caption) = parts(directive);
        if shown.iter().all(|(known, _)| *known != name) {
            shown.push((name, caption));
        }
    }
    let link = |(name, caption): &(&str, Option<&str>)| {
        let words = caption.map_or_else(|| sentence(name), escape);
        format!(r#"<li><a href="{page_name}#{}">{words}</a></li>"#, id(name))
    };
    let links: String = shown.iter().map(link).collect();
    let title = format!(
        r#"<dt>{} · <a href="{page_name}">{}</a></dt>"#,
        lesson.id(),
        escape(&lesson.title)
    );
    if links.is_empty() { links } else { format!("{title}<dd><ul>{links}</ul></dd>") }
}

/// The snapshot that a directive names, and the caption between its quotes.
fn parts<'a>(directive: &Directive<'a>) -> (&'a str, Option<&'a str>) {
    match directive.argument.split_once(char::is_whitespace) {
        None => (directive.argument, None),
        Some((name, caption)) => (name, Some(caption.trim().trim_matches('"'))),
    }
}

/// What a link calls a drawing: the name of its test.
pub fn id(snapshot: &str) -> String {
    let name = snapshot.strip_suffix(".snap").unwrap_or(snapshot);
    name.rsplit("__").next().unwrap_or(name).to_owned()
}

/// A test's name is a sentence, behind the number of its step.
fn sentence(snapshot: &str) -> String {
    let id = id(snapshot);
    let mut words = id.split_once('_').map_or(&*id, |(_, words)| words).chars();
    let first = words.next().into_iter().flat_map(char::to_uppercase);
    escape(&first.chain(words).collect::<String>().replace('_', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_called_after_its_test() {
        assert_eq!(id("spec__l10_engineio_server__s2_a_get_waits.snap"), "s2_a_get_waits");
        assert_eq!(sentence("spec__l10_engineio_server__s2_a_get_waits.snap"), "A get waits");
    }

    #[test]
    fn a_chapter_lists_each_drawing_once_under_its_caption() {
        let root = course::root::above(env!("CARGO_MANIFEST_DIR").as_ref()).expect("the course");
        let course = Course::load(&root).expect("a map");
        let lesson = course.find("10").expect("lesson 10");
        let page = "{{#wire x__s1_a.snap \"A & B\"}}\n{{#wire x__s1_a.snap}}\n{{#wire x__s2_it_ends.snap}}\n{{#bars x__s3.snap}}";
        let entry = entry(lesson, &lesson.chapter(), page);
        let links: Vec<_> = entry.split("<li>").skip(1).collect();
        assert_eq!(
            links,
            [
                r#"<a href="10-engineio-server.md#s1_a">A &amp; B</a></li>"#,
                r#"<a href="10-engineio-server.md#s2_it_ends">It ends</a></li></ul></dd>"#,
            ]
        );
    }
}
