//! The box on top of a chapter, and the list of a lesson's steps.

use std::collections::BTreeSet;

use course::map::{Course, Lesson, Part};
use course::source::Source;
use course::steps::{self, Step};

use crate::svg::escape;
use crate::words::Words;

/// What a reader wants to know before starting, beside the picture of the layers.
pub fn head(course: &Course, lesson: &Lesson, words: &Words) -> String {
    format!(
        r#"<aside class="lesson"><div class="facts">{}{}</div>{}</aside>"#,
        title(lesson, words),
        facts(course, lesson, words),
        layers(course, lesson, words),
    )
}

fn title(lesson: &Lesson, words: &Words) -> String {
    let minutes = lesson
        .minutes
        .map_or_else(String::new, |minutes| format!(" · {minutes}&nbsp;{}", words.minutes));
    let (word, id, kind) = (words.lesson, lesson.id(), &lesson.kind);
    format!(r#"<p class="number"><strong>{word} {id}</strong> · {kind}{minutes}</p>"#)
}

fn facts(course: &Course, lesson: &Lesson, words: &Words) -> String {
    let mut facts = vec![(words.folder, code(&lesson.starter().to_string_lossy()))];
    if let Ok(steps) = steps::load(course, lesson) {
        let mut files: Vec<_> = steps.iter().flat_map(files).map(code).collect();
        let mut seen = BTreeSet::new();
        files.retain(|file| seen.insert(file.clone()));
        facts.push((words.edit, files.join(", ")));
        let first = format!("cargo course check {}.1", lesson.number);
        let plain = format!("cargo test -p {} s1_", lesson.starter_package());
        facts.push((words.run, format!("{}<br>{}", code(&first), code(&plain))));
    }
    let fact = |(name, what)| format!("<dt>{name}</dt><dd>{what}</dd>");
    let facts: String = facts.into_iter().map(fact).collect();
    format!("<dl>{facts}</dl>")
}

fn files(step: &Step) -> impl Iterator<Item = &str> {
    step.holes.iter().map(|hole| hole.file.as_str())
}

/// The parts as layers, the wire at the bottom, this lesson lit.
fn layers(course: &Course, here: &Lesson, words: &Words) -> String {
    let layer = |part: &Part| {
        let tiles: String =
            part.lessons.iter().map(|lesson| tile(course, lesson, lesson == here, words)).collect();
        let title = part.title.split(':').next().unwrap_or_default();
        let lit = if part.lessons.contains(here) { r#" class="lit""# } else { "" };
        format!(
            r#"<li{lit}><span class="part">{}</span><span class="tiles">{tiles}</span></li>"#,
            escape(title)
        )
    };
    let layers: String = course.parts.iter().rev().map(layer).collect();
    format!(r#"<nav class="layers" aria-label="{}"><ol>{layers}</ol></nav>"#, words.you_are_here)
}

fn tile(course: &Course, lesson: &Lesson, here: bool, words: &Words) -> String {
    let (id, title) = (lesson.id(), escape(&lesson.title));
    if here {
        let you = words.you_are_here;
        format!(r#"<b class="tile here" aria-current="page" title="{you}: {title}">{id}</b>"#)
    } else if course.root.join(lesson.chapter()).is_file() {
        format!(r#"<a class="tile" href="{}.md" title="{title}">{id}</a>"#, lesson.dir())
    } else {
        format!(r#"<span class="tile planned" title="{title} ({})">{id}</span>"#, words.planned)
    }
}

/// The steps of a lesson, what each writes and the command that checks it.
pub fn steps(source: &Source) -> String {
    let step = |step: &Step| {
        let holes: Vec<_> = step
            .holes
            .iter()
            .map(|hole| format!("{} {}", code(&hole.file), code(&hole.item)))
            .collect();
        let id = step.id;
        format!(
            r#"<li><b class="id">{id}</b> <span class="what">{}<br><small>{}</small></span> {}</li>"#,
            inline(&step.title),
            holes.join("<br>"),
            code(&format!("cargo course check {id}")),
        )
    };
    let steps: String = source.steps.iter().map(step).collect();
    format!(r#"<ol class="steps">{steps}</ol>"#)
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

/// A title: plain text, but for code between backticks.
fn inline(title: &str) -> String {
    let parts = title.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 1 { code(part) } else { escape(part) }).collect()
}
