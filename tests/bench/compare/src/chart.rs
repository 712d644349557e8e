//! The ratios as a drawing, for a page and by itself: as wide as there is room, in the colours of the page
//! or, alone, of the reader's system. The scale is one of doublings, for twice and half are as far from 1.

use std::fmt::Write;

use crate::statistics::Spread;

/// One load; a ratio for each server, in the order of the names.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) ratios: Vec<Option<Spread>>,
}

const LEGEND_HEIGHT: usize = 34;
const TICKS_HEIGHT: usize = 22;
const ROW_HEIGHT: usize = 42;
/// From the top of a row to its marks; its name stands above.
const MARK: usize = 28;

/// About one character, and what stands before the next name.
const CHARACTER: usize = 7;
const GAP: usize = 34;

/// Told apart without colours too. Each is about ten pixels wide around 0.
const MARKS: [&str; 3] = ["M0-6.5L6.5 0L0 6.5L-6.5 0Z", "M-5-5H5V5H-5Z", "M0-6L6 5H-6Z"];

/// What the book calls its colours, and what they are where there is no book.
const STYLE: &str = "\
.measured { --ink: var(--fg, #1c1f23); --grid: var(--hair, #d9dde2); --c: var(--lane-0, #1f5fbf); \
--c0: var(--lane-1, #a8480b); --c1: var(--soft, #62676e); --c2: var(--lane-2, #0f766e) }
@media (prefers-color-scheme: dark) { .measured { --ink: var(--fg, #d3d6e4); --grid: var(--hair, #373c50); \
--c: var(--lane-0, #7fb0ff); --c0: var(--lane-1, #f0a765); --c1: var(--soft, #979db0); \
--c2: var(--lane-2, #5ccabb) } }
.measured text { fill: var(--ink); font: 13px \"Open Sans\", system-ui, sans-serif }
.measured .tick { text-anchor: middle; font-size: 11.5px }
.measured .name { font-weight: 600; paint-order: stroke; stroke: var(--bg, none); stroke-width: 5px }
.measured .grid { stroke: var(--grid) }
.measured .course { stroke: var(--c); stroke-width: 3 }
.measured .c0 { fill: var(--c0); stroke: var(--c0) }
.measured .c1 { fill: var(--c1); stroke: var(--c1) }
.measured .c2 { fill: var(--c2); stroke: var(--c2) }
.measured .spread { stroke-width: 2 }";

/// The drawing, without a blank line: one would end the HTML block that Markdown sees.
pub(crate) fn draw(names: &[&str], rows: &[Row]) -> String {
    let scale = Scale::of(rows);
    let top = LEGEND_HEIGHT + TICKS_HEIGHT;
    let height = top + ROW_HEIGHT * rows.len();
    let mut svg = format!(
        "<svg class=\"measured\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"100%\" height=\"{height}\">\n\
         <title>What a message costs, in times of what it costs the course's server</title>\n\
         <desc>{}</desc>\n<style>\n{STYLE}\n</style>\n",
        description(names, rows)
    );
    legend(&mut svg, names);
    // Marks at either end stay inside.
    svg += "<svg x=\"6%\" width=\"88%\" overflow=\"visible\">\n";
    for row in 0..rows.len() {
        let y = top + ROW_HEIGHT * row + MARK;
        put(&mut svg, format_args!(r#"<line class="grid" x1="0" y1="{y}" x2="100%" y2="{y}"/>"#));
    }
    grid(&mut svg, &scale, height);
    for (index, row) in rows.iter().enumerate() {
        draw_row(&mut svg, &scale, names, row, top + ROW_HEIGHT * index);
    }
    svg + "</svg>\n</svg>\n"
}

/// From a power of two to another.
struct Scale {
    first: i32,
    last: i32,
}

impl Scale {
    fn of(rows: &[Row]) -> Self {
        let spreads = || rows.iter().flat_map(|row| row.ratios.iter().flatten());
        let least = spreads().map(|spread| spread.least).fold(0.5, f64::min);
        let most = spreads().map(|spread| spread.most).fold(2.0, f64::max);
        Self { first: least.log2().floor() as i32, last: most.log2().ceil() as i32 }
    }

    /// In percent of the width.
    fn x(&self, ratio: f64) -> f64 {
        let share = (ratio.log2() - f64::from(self.first)) / f64::from(self.last - self.first);
        (share * 1000.0).round() / 10.0
    }
}

fn legend(svg: &mut String, names: &[&str]) {
    put(svg, format_args!(r#"<line class="course" x1="8" y1="4" x2="8" y2="20"/>"#));
    put(svg, format_args!(r#"<text x="18" y="17">course</text>"#));
    let mut x = 18 + "course".len() * CHARACTER + GAP;
    for (index, name) in names.iter().enumerate() {
        mark(svg, index, &x.to_string(), 12);
        put(svg, format_args!(r#"<text x="{}" y="17">{name}</text>"#, x + 12));
        x += name.len() * CHARACTER + GAP;
    }
}

/// A line for each doubling; the course's server is at 1.
fn grid(svg: &mut String, scale: &Scale, height: usize) {
    let (text, top) = (LEGEND_HEIGHT + 12, LEGEND_HEIGHT + TICKS_HEIGHT);
    for power in scale.first..=scale.last {
        let (ratio, class) = (f64::from(power).exp2(), if power == 0 { "course" } else { "grid" });
        let x = scale.x(ratio);
        put(svg, format_args!(r#"<text class="tick" x="{x}%" y="{text}">{ratio}×</text>"#));
        let ends = format_args!(r#"x1="{x}%" y1="{top}" x2="{x}%" y2="{height}""#);
        put(svg, format_args!(r#"<line class="{class}" {ends}/>"#));
    }
}

fn draw_row(svg: &mut String, scale: &Scale, names: &[&str], row: &Row, top: usize) {
    put(svg, format_args!(r#"<text class="name" x="6" y="{}">{}</text>"#, top + 14, row.name));
    let y = top + MARK;
    for (index, ratio) in row.ratios.iter().enumerate() {
        let Some(Spread { least, median, most }) = *ratio else { continue };
        put(svg, format_args!("<g><title>{}: {median:.2}</title>", names[index]));
        let (from, to) = (scale.x(least), scale.x(most));
        let ends = format_args!(r#"x1="{from}%" y1="{y}" x2="{to}%" y2="{y}""#);
        put(svg, format_args!(r#"<line class="spread c{index}" {ends}/>"#));
        mark(svg, index, &format!("{}%", scale.x(median)), y);
        put(svg, format_args!("</g>"));
    }
}

/// A path knows no percent, so it lies at the corner of a picture of its own.
fn mark(svg: &mut String, index: usize, x: &str, y: usize) {
    let outline = MARKS[index];
    let path = format_args!(r#"<path class="c{index}" d="{outline}"/>"#);
    put(svg, format_args!(r#"<svg x="{x}" y="{y}" overflow="visible">{path}</svg>"#));
}

fn put(svg: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(svg, "{line}").expect("a String takes all");
}

/// For who hears the drawing.
fn description(names: &[&str], rows: &[Row]) -> String {
    let row = |row: &Row| {
        let ratios = names
            .iter()
            .zip(&row.ratios)
            .filter_map(|(name, ratio)| ratio.map(|ratio| format!("{name} {:.2}", ratio.median)));
        format!("{}: {}", row.name, ratios.collect::<Vec<_>>().join(", "))
    };
    rows.iter().map(row).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(least: f64, median: f64, most: f64) -> Option<Spread> {
        Some(Spread { least, median, most })
    }

    fn rows() -> [Row; 2] {
        [
            Row { name: "echo", ratios: vec![spread(1.5, 1.6, 1.8), spread(0.6, 0.7, 0.7)] },
            Row { name: "polling", ratios: vec![spread(2.0, 2.0, 4.1), None] },
        ]
    }

    #[test]
    fn the_drawing() {
        let drawing = draw(&["socketioxide", "limit"], &rows());
        roxmltree::Document::parse(&drawing).expect("well-formed");
        assert!(!drawing.contains("\n\n"), "a blank line ends the HTML block");
        insta::assert_snapshot!(drawing);
    }

    #[test]
    fn the_scale_goes_to_the_next_doubling_on_either_side() {
        let scale = Scale::of(&rows());
        assert_eq!((scale.first, scale.last), (-1, 3));
        assert_eq!([0.5, 1.0, 8.0].map(|ratio| scale.x(ratio)), [0.0, 25.0, 100.0]);
    }

    #[test]
    fn nothing_measured_is_an_empty_drawing_and_no_panic() {
        let drawing = draw(&["limit"], &[Row { name: "echo", ratios: vec![None] }]);
        roxmltree::Document::parse(&drawing).expect("well-formed");
        assert!(!drawing.contains("spread c0\""), "{drawing}");
    }
}
