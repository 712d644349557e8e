//! The whole road on one picture, for the introduction: a stop for each idea, and who may speak there.

mod sketches;

use std::ops::RangeInclusive;

use course::map::Course;

use crate::svg::Svg;
use crate::wire::wrap;
use crate::words::Words;
use sketches::{SKETCHES, Sketch};

/// The lessons of each stop, in the order of [`SKETCHES`].
const LESSONS: [RangeInclusive<u8>; 7] = [1..=2, 3..=3, 4..=7, 8..=11, 12..=15, 16..=18, 19..=20];
const SKETCH_HEIGHT: f64 = 60.0;
const LINE_HEIGHT: f64 = 18.0;

/// Where things stand from left to right, in pixels.
struct Columns {
    /// The stops wind from one to the other.
    stops: [f64; 2],
    sketch: f64,
    sketch_width: f64,
    text: f64,
    width: f64,
    row_height: f64,
}

const WIDE: Columns = Columns {
    stops: [24.0, 46.0],
    sketch: 96.0,
    sketch_width: 150.0,
    text: 282.0,
    width: 700.0,
    row_height: 94.0,
};
const NARROW: Columns = Columns {
    stops: [14.0, 24.0],
    sketch: 48.0,
    sketch_width: 84.0,
    text: 150.0,
    width: 340.0,
    row_height: 106.0,
};

/// The picture, for a wide screen and for a phone, as HTML without a line break.
pub fn figure(course: &Course, words: &Words) -> String {
    let description: Vec<_> = (words.stops.iter().zip(LESSONS))
        .map(|((title, line), lessons)| format!("{} ({title}): {line}", numbers(&lessons)))
        .collect();
    let draw = |columns: Columns, class| {
        let size = (columns.width, columns.row_height * SKETCHES.len() as f64);
        draw(course, words, &columns).picture(
            class,
            size,
            14.0,
            words.road,
            &description.join("\n"),
        )
    };
    format!(
        r#"<figure class="road"><div class="picture">{}{}</div></figure>"#,
        draw(WIDE, "wide"),
        draw(NARROW, "narrow"),
    )
}

fn draw(course: &Course, words: &Words, columns: &Columns) -> Svg {
    let mut svg = Svg::default();
    svg.path("surface", road(columns));
    svg.path("middle", road(columns));
    for (index, lessons) in LESSONS.iter().enumerate() {
        let written = course.written().filter(|lesson| lessons.contains(&lesson.number));
        let is_written = written.count() == lessons.clone().count();
        let row = columns.row_height * index as f64;
        stop(&mut svg, columns, index, is_written);
        let sketch = Sketch {
            left: columns.sketch,
            top: row + (columns.row_height - SKETCH_HEIGHT) / 2.0,
            width: columns.sketch_width,
            height: SKETCH_HEIGHT,
        };
        if index == 0 {
            sketch.names(&mut svg, words.client, words.server);
        }
        SKETCHES[index](&mut svg, &sketch);
        text(&mut svg, columns, row, words.stops[index], lessons);
    }
    svg
}

fn place(columns: &Columns, index: usize) -> (f64, f64) {
    (columns.stops[index % 2], columns.row_height * (index as f64 + 0.5))
}

/// A line that winds through all stops and goes on beyond the last.
fn road(columns: &Columns) -> String {
    let (x, y) = place(columns, 0);
    let mut d = format!("M{x} {y}");
    for index in 1..SKETCHES.len() {
        let ((from, _), (x, y)) = (place(columns, index - 1), place(columns, index));
        let middle = y - columns.row_height / 2.0;
        d.push_str(&format!("C{from} {middle} {x} {middle} {x} {y}"));
    }
    d + &format!("v{}", columns.row_height / 2.0 - 6.0)
}

fn stop(svg: &mut Svg, columns: &Columns, index: usize, is_written: bool) {
    let (x, y) = place(columns, index);
    let class = if is_written { "stop written" } else { "stop" };
    svg.shape("circle", class, &[("cx", x), ("cy", y), ("r", 11.0)]);
    let class = if is_written { "count written" } else { "count" };
    svg.text(class, (x, y + 4.5), &(index + 1).to_string());
}

fn text(
    svg: &mut Svg,
    columns: &Columns,
    row: f64,
    (title, line): (&str, &str),
    lessons: &RangeInclusive<u8>,
) {
    let lines = wrap(line, ((columns.width - columns.text) / 6.9) as usize);
    let height = LINE_HEIGHT * (lines.len() + 1) as f64;
    let mut y = row + (columns.row_height - height) / 2.0 + 13.0;
    let numbers = format!("  {}", numbers(lessons));
    svg.spans("stop-text", (columns.text, y), [("title", title), ("lessons", &numbers)]);
    for line in lines {
        y += LINE_HEIGHT;
        svg.text("stop-text", (columns.text, y), line.trim_end());
    }
}

fn numbers(lessons: &RangeInclusive<u8>) -> String {
    match (lessons.start(), lessons.end()) {
        (start, end) if start == end => format!("{start:02}"),
        (start, end) => format!("{start:02}–{end:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::ENGLISH;

    #[test]
    fn every_lesson_lies_on_the_road_once() {
        let root = course::root::above(env!("CARGO_MANIFEST_DIR").as_ref()).expect("the course");
        let course = Course::load(&root).expect("a map");
        let lessons: Vec<_> = course.lessons().map(|lesson| lesson.number).collect();
        let on_the_road: Vec<_> = LESSONS.into_iter().flatten().collect();
        assert_eq!(on_the_road, lessons);
        assert!(!figure(&course, &ENGLISH).contains('\n'));
    }
}
