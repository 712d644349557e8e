//! Transcripts as pictures: read from a snapshot, laid out, drawn, and told as text beside it.

mod drawing;
mod layout;
mod parse;
mod rows;
mod time;
mod transcript;

pub(crate) use parse::transcript_text;
pub(crate) use rows::wrap;
pub use transcript::*;

use crate::svg::escape;
use crate::words::Words;

/// The figure that a page shows for the transcript in `file`: a drawing for a wide screen and paper, one
/// for a phone, the caption, and the text one click away; `id` is what a link calls it. It is HTML without a line break.
///
/// # Errors
///
/// If the file is no transcript.
pub fn figure(
    file: &str,
    id: &str,
    caption: Option<&str>,
    words: &Words,
) -> Result<String, ParseError> {
    let transcript = Transcript::parse(file)?;
    let text = transcript_text(file);
    let title = caption.map_or_else(|| transcript.lanes.join(", "), str::to_owned);
    let draw = |space, class| drawing::draw(&transcript, space, class, &title, &text);
    let caption = caption.map_or_else(String::new, |caption| {
        format!("<figcaption>{}</figcaption>", escape(caption))
    });
    Ok(format!(
        concat!(
            r#"<figure class="wire" id="{}"><div class="picture">{}{}</div>{}"#,
            r#"<details><summary>{}</summary><pre><code class="language-plaintext">{}</code></pre></details>"#,
            "</figure>"
        ),
        escape(id),
        draw(layout::WIDE, "wide"),
        draw(layout::NARROW, "narrow"),
        caption,
        words.as_text,
        escape(&text),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::ENGLISH;

    const BOARD: &str = "\
---
source: a test
---
lanes: browser, server

 0ms  browser → server  GET /?a=1&b=2 HTTP/1.1\\r\\n
                        \\r\\n
 0ms  server            holds the request
== 25 seconds later ==
 25s  server → browser  HTTP/1.1 204 No Content\\r\\n  # nothing <new>
 25s  browser ↛ server  GET / HTTP/1.1\\r\\n
";

    #[test]
    fn the_figure_shows_the_drawing_and_the_text() {
        let figure =
            figure(BOARD, "held", Some("A \"held\" request"), &ENGLISH).expect("a transcript");
        assert!(!figure.contains('\n'), "a line break could end the HTML block");
        roxmltree::Document::parse(&figure).expect("well-formed");
        insta::assert_snapshot!(figure.replace("><", ">\n<"));
    }

    #[test]
    fn every_transcript_of_the_course_can_be_drawn() {
        let root = course::root::above(env!("CARGO_MANIFEST_DIR").as_ref()).expect("the course");
        let snapshots = root.join(course::includes::SNAPSHOTS);
        for entry in std::fs::read_dir(snapshots).expect("snapshots") {
            let path = entry.expect("a snapshot").path();
            let file = std::fs::read_to_string(&path).expect("a text");
            // Other snapshots are tables and messages.
            if file.contains("\nlanes: ")
                && let Err(error) = figure(&file, "any", None, &ENGLISH)
            {
                panic!("{}: {error}", path.display());
            }
        }
    }
}
