//! A snapshot of counts as bars: a row of them for each group, all at the same scale.
//!
//! ```text
//! bars: connections in each 100 ms
//!
//! == no jitter ==
//! 0s    0   0   0   0   0   0   0   0   0   0
//! 1s  100   0   0   0   0   0   0   0   0   0
//! ```
//!
//! The first line says what is counted. Each further line says where it begins, which is written below
//! its first bar.

use anyhow::{Context, Result, bail};

use crate::svg::{Svg, escape};
use crate::wire::transcript_text;
use crate::words::Words;

/// The highest bar, in pixels.
const HIGHEST: f64 = 130.0;
const NAME_HEIGHT: f64 = 24.0;
const TICKS_HEIGHT: f64 = 34.0;
/// A count that is not 0 can be seen.
const LEAST: f64 = 1.5;

const WIDE: f64 = 700.0;
const NARROW: f64 = 340.0;

struct Group<'a> {
    name: &'a str,
    /// For each line, what stands at its beginning, and the number of its first bar.
    ticks: Vec<(&'a str, usize)>,
    counts: Vec<u32>,
}

impl Group<'_> {
    fn most(&self) -> u32 {
        self.counts.iter().copied().max().unwrap_or(0)
    }
}

/// The figure that a page shows for the counts in `file`: a drawing for a wide screen and paper, one for a
/// phone, and the text one click away. It is HTML without a line break.
///
/// # Errors
///
/// If the file holds no such counts.
pub fn figure(file: &str, words: &Words) -> Result<String> {
    let text = transcript_text(file);
    let (title, groups) = parse(&text)?;
    let draw = |width, class| draw(&groups, width, words, class, title, &text);
    Ok(format!(
        concat!(
            r#"<figure class="bars"><div class="picture">{}{}</div><figcaption>{}</figcaption>"#,
            r#"<details><summary>{}</summary><pre><code class="language-plaintext">{}</code></pre></details>"#,
            "</figure>"
        ),
        draw(WIDE, "wide"),
        draw(NARROW, "narrow"),
        escape(title),
        words.as_text,
        escape(&text),
    ))
}

fn parse(text: &str) -> Result<(&str, Vec<Group<'_>>)> {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let title = first.strip_prefix("bars: ");
    let title =
        title.with_context(|| format!("expected `bars: what is counted`, found `{first}`"))?;
    let mut groups: Vec<Group<'_>> = Vec::new();
    for line in lines {
        let name = line.strip_prefix("== ").and_then(|line| line.strip_suffix(" =="));
        match (name, groups.last_mut()) {
            (Some(name), _) => groups.push(Group { name, ticks: Vec::new(), counts: Vec::new() }),
            (None, Some(group)) => counts(line, group)?,
            (None, None) => bail!("expected `== name ==` before the first counts, found `{line}`"),
        }
    }
    if groups.iter().all(|group| group.most() == 0) {
        bail!("expected a count that is not 0, found none");
    }
    Ok((title, groups))
}

fn counts<'a>(line: &'a str, group: &mut Group<'a>) -> Result<()> {
    let mut words = line.split_whitespace();
    let tick = words.next().unwrap_or_default();
    group.ticks.push((tick, group.counts.len()));
    for word in words {
        let count = word.parse().ok();
        group.counts.push(count.with_context(|| format!("expected a count, found `{word}`"))?);
    }
    Ok(())
}

fn draw(
    groups: &[Group<'_>],
    width: f64,
    words: &Words,
    class: &str,
    title: &str,
    description: &str,
) -> String {
    let most = groups.iter().map(Group::most).max().unwrap_or(0).max(1);
    let columns = groups.iter().map(|group| group.counts.len()).max().unwrap_or(0).max(1);
    let (unit, column) = (HIGHEST / f64::from(most), width / columns as f64);
    let mut svg = Svg::default();
    let mut y = 0.0;
    for group in groups {
        let peak = format!("  {} {}", words.at_most, group.most());
        svg.spans("name", (0.0, y + 15.0), [("", group.name), ("most", peak.as_str())]);
        y += NAME_HEIGHT + f64::from(group.most()) * unit;
        for (index, count) in group.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let height = (f64::from(*count) * unit).max(LEAST);
            let at = (index as f64 * column, y - height);
            svg.rect("bar", at, (column * 0.8, height), 0.0);
        }
        svg.line("axis", (0.0, y + 0.5), (width, y + 0.5));
        for (tick, index) in &group.ticks {
            let x = *index as f64 * column;
            svg.line("axis", (x + 0.5, y), (x + 0.5, y + 5.0));
            svg.text("tick", (x, y + 16.0), tick);
        }
        y += TICKS_HEIGHT;
    }
    svg.picture(class, (width, y), 13.0, title, description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::ENGLISH;

    const COUNTS: &str =
        "---\nsource: a test\n---\nbars: guests\n\n== one <day> ==\n0h  0 2\n1h  4 0\n";

    #[test]
    fn the_figure_shows_bars_and_text() {
        let figure = figure(COUNTS, &ENGLISH).expect("counts");
        assert!(!figure.contains('\n'), "a line break could end the HTML block");
        roxmltree::Document::parse(&figure).expect("well-formed");
        assert_eq!(figure.matches(r#"class="bar""#).count(), 4, "two bars in each drawing");
        assert!(figure.contains("one &lt;day&gt;"), "{figure}");
    }

    #[test]
    fn what_is_no_count_is_refused() {
        for (text, expected) in [
            ("lanes: a, b", "expected `bars: what is counted`, found `lanes: a, b`"),
            ("bars: x\n0s 1", "expected `== name ==` before the first counts, found `0s 1`"),
            ("bars: x\n== a ==\n0s 1 two", "expected a count, found `two`"),
            ("bars: x\n== a ==\n0s 0", "expected a count that is not 0, found none"),
        ] {
            let error = figure(text, &ENGLISH).expect_err("no counts");
            assert_eq!(error.to_string(), expected);
        }
    }
}
