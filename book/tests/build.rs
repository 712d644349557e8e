//! A book of one page, built whole: what is right comes out, what leads nowhere is refused.

use std::fs;
use std::path::Path;

use course_book::build::build;

const MAP: &str = r#"
[[part]]
title = "Request and response"
[[part.lesson]]
number = 1
name = "http-message"
kind = "pure"
title = "Bytes"
"#;

const TRANSCRIPT: &str = "lanes: you, server\n\nyou → server  GET / HTTP/1.1\\r\\n\n";

/// Builds the book whose only page is `page`; gives the page's HTML, or why it was refused.
fn built(page: &str) -> Result<String, String> {
    let root = tempfile::tempdir().expect("a folder");
    let write = |path: &str, content: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, content).expect("a file");
    };
    write("tests/runner/course.toml", MAP);
    write("tests/snapshots/hello.snap", TRANSCRIPT);
    write("tests/snapshots/broken.snap", "lanes: you\n\nme  says\n");
    write("book/theme/head.hbs", r#"<link rel="stylesheet" href="{{ path_to_root }}course.css">"#);
    write("book/theme/course.css", "");
    write(
        "book/en/book.toml",
        "[build]\ncreate-missing = false\n[output.html]\ntheme = '../theme'\n",
    );
    write("book/en/src/SUMMARY.md", "- [One](01-http-message.md)\n- [Two](two.md)\n- [Later]()\n");
    write("book/en/src/01-http-message.md", page);
    write("book/en/src/two.md", "# Two\n\n## A part\n");
    let out = root.path().join("out");
    match build(root.path(), &out, None) {
        Ok(()) => Ok(read(&out.join("01-http-message.html"))),
        Err(error) => Err(format!("{error:#}")),
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a page")
}

fn refused(page: &str) -> String {
    built(page).expect_err("the page is refused")
}

#[test]
fn a_transcript_becomes_a_figure_and_the_text_below_stays_markdown() {
    let page =
        "# One\n\n{{#wire hello.snap \"A caption\"}}\nThen *text*, and [two](two.md#a-part).\n";
    let html = built(page).expect("a book");
    assert!(html.contains("<figcaption>A caption</figcaption>"), "{html}");
    assert!(html.contains(r#"<text class="bytes""#), "{html}");
    assert!(html.contains("<em>text</em>"), "{html}");
    assert!(html.contains(r#"href="two.html#a-part""#), "{html}");
}

#[test]
fn an_escaped_directive_is_text() {
    let html = built("# One\n\n```text\n\\{{#wire hello.snap}}\n```\n").expect("a book");
    assert!(html.contains("{{#wire hello.snap}}"), "{html}");
    assert!(!html.contains("<figure"), "{html}");
}

#[test]
fn a_lesson_begins_with_its_facts_and_the_layers() {
    let html = built("# One\n\n{{#lesson 01}}\n").expect("a book");
    assert!(html.contains("lessons/01-http-message"), "{html}");
    assert!(html.contains(r#"aria-current="page""#), "{html}");
}

#[test]
fn a_directive_that_cannot_be_followed_is_told_with_its_line() {
    let missing = refused("# One\n\n{{#wire gone.snap}}\n");
    assert!(missing.starts_with("book/en/src/01-http-message.md:3: "), "{missing}");
    let broken = refused("# One\n\n{{#wire broken.snap}}\n");
    let told = "01-http-message.md:3: tests/snapshots/broken.snap: line 3: expected a route";
    assert!(broken.contains(told), "{broken}");
    let caption = refused("# One\n\n{{#wire hello.snap no quotes}}\n");
    assert!(caption.contains("expected a caption in quotes, found `no quotes`"), "{caption}");
    let unknown = refused("# One\n\n{{#wrie hello.snap}}\n");
    assert!(unknown.contains("expected include, wire"), "{unknown}");
}

#[test]
fn a_link_that_leads_nowhere_is_refused() {
    let file = refused("# One\n\n[two](three.md)\n");
    assert!(file.contains("expected a file at `three."), "{file}");
    let fragment = refused("# One\n\n[two](two.md#another-part)\n");
    let told = "expected an element with that id at `two.html#another-part`";
    assert!(fragment.contains(told), "{fragment}");
}

#[test]
fn what_mdbook_only_warns_of_is_refused() {
    let unbalanced = refused("# One\n\n<div>\n\ntext</em>\n\n</div>\n");
    assert!(unbalanced.contains("mdbook warns"), "{unbalanced}");
}
