//! A transcript as a sequence diagram: time runs down, each peer has a lane, each message is an arrow
//! in the colour of the one who spoke.

use std::time::Duration;

use super::layout::{Layout, MARGIN, Space, head_width};
use super::rows::{Ink, Row, rows, widest, wrap};
use super::time::{PAUSE, pause, spoken};
use super::{Entry, Event, Route, Transcript};
use crate::svg::Svg;

const HEAD_HEIGHT: f64 = 26.0;
const ROW_HEIGHT: f64 = 17.0;
/// Between one entry and the next.
const REST: f64 = 15.0;
/// The lifelines go on after the last entry.
const LAST: f64 = 8.0;
const PAUSE_HEIGHT: f64 = 26.0;
/// A drawing as high as this names its lanes once more at the bottom.
const HIGH: f64 = 700.0;
/// Half the width of the cross where a message was lost.
const CROSS: f64 = 5.0;
/// A note on a lane is no wider than this, in characters.
const LOCAL_LIMIT: usize = 46;
/// How much narrower than a monospaced character one of prose is.
const PROSE: f64 = 0.9;

/// Draws `transcript` into `space`. `title` and `description` are for those who do not see it.
pub(super) fn draw(
    transcript: &Transcript,
    space: Space,
    class: &str,
    title: &str,
    description: &str,
) -> String {
    let mut pen = Pen::new(Layout::new(transcript, space));
    pen.heads(&transcript.lanes, 1.0);
    pen.y = HEAD_HEIGHT + REST;
    for entry in &transcript.entries {
        match entry {
            Entry::Heading(heading) => pen.heading(heading),
            Entry::Event(event) => pen.event(event),
        }
    }
    pen.y += LAST;
    if pen.y > HIGH {
        pen.heads(&transcript.lanes, pen.y);
        pen.y += HEAD_HEIGHT + 1.0;
    }
    let size = (pen.layout.width, pen.y);
    pen.finish().picture(class, size, space.font, title, description)
}

struct Pen {
    layout: Layout,
    svg: Svg,
    /// Where the next thing is drawn.
    y: f64,
    /// Since when the lifelines run without a pause.
    alive_since: f64,
    lifelines: Svg,
    now: Option<Duration>,
}

impl Pen {
    fn new(layout: Layout) -> Self {
        Self {
            layout,
            svg: Svg::default(),
            y: 0.0,
            alive_since: HEAD_HEIGHT,
            lifelines: Svg::default(),
            now: None,
        }
    }

    fn heads(&mut self, names: &[String], y: f64) {
        for (lane, name) in names.iter().enumerate() {
            let (x, width) = (self.layout.lanes[lane], head_width(name));
            let class = format!("head {}", speaker(lane));
            self.svg.rect(&class, (x - width / 2.0, y), (width, HEAD_HEIGHT), 6.0);
            self.svg.text("name", (x, y + HEAD_HEIGHT / 2.0 + 4.5), name);
        }
    }

    fn heading(&mut self, heading: &str) {
        let (left, right) = (self.layout.gutter, self.layout.width);
        let limit = ((right - left) / 7.2) as usize;
        self.y += 4.0;
        for row in wrap(heading, limit) {
            self.y += ROW_HEIGHT;
            let middle = (left + right) / 2.0;
            let half = row.chars().count() as f64 * 3.6 + 12.0;
            let line = self.y - 4.5;
            self.svg.line("divider", (left, line), ((middle - half).max(left), line));
            self.svg.line("divider", ((middle + half).min(right), line), (right, line));
            self.svg.text("heading", (middle, self.y), row.trim());
        }
        self.y += REST;
    }

    fn event(&mut self, event: &Event) {
        self.pause_until(event.time);
        let new_time = event.time.filter(|time| self.now != Some(*time)).map(spoken);
        if let Some(time) = new_time.as_ref().filter(|_| self.layout.gutter == 0.0) {
            self.y += ROW_HEIGHT;
            self.stamp("time", self.y - 8.0, time);
        }
        let moment = match event.route {
            Route::Local(lane) => self.local(lane, event),
            Route::Delivered { from, to } => {
                self.text_between(event, from, to);
                self.arrow(from, to)
            }
            Route::Lost { from, to } => {
                self.text_between(event, from, to);
                self.y += CROSS / 2.0;
                self.broken_arrow(from, to)
            }
        };
        if let Some(time) = new_time.filter(|_| self.layout.gutter > 0.0) {
            self.stamp("time", moment, &time);
        }
        self.now = event.time;
        self.y += REST;
    }

    /// Interrupts the lifelines where time passes without a message.
    fn pause_until(&mut self, time: Option<Duration>) {
        let (Some(now), Some(time)) = (self.now, time) else {
            return;
        };
        let passed = time.saturating_sub(now);
        if passed < PAUSE {
            return;
        }
        self.end_lifelines();
        let end = self.y + PAUSE_HEIGHT;
        for x in self.layout.lanes.clone() {
            self.lifelines.line("pause", (x, self.y), (x, end));
        }
        self.stamp("time passed", self.y + PAUSE_HEIGHT / 2.0, &pause(passed));
        self.y = end;
        self.alive_since = end;
        self.y += 4.0;
    }

    fn stamp(&mut self, class: &str, y: f64, time: &str) {
        if self.layout.gutter > 0.0 {
            self.svg.text(class, (self.layout.gutter - MARGIN, y + 4.0), time);
        } else {
            self.svg.text(&format!("{class} on-lane"), (self.layout.lanes[0], y + 4.0), time);
        }
    }

    fn end_lifelines(&mut self) {
        for x in self.layout.lanes.clone() {
            self.lifelines.line("lifeline", (x, self.alive_since), (x, self.y));
        }
    }

    /// The message stands above its arrow, on the side of the one who speaks.
    fn text_between(&mut self, event: &Event, from: usize, to: usize) {
        let rows = rows(&event.lines, self.layout.limit(from, to));
        let width = widest(&rows) as f64 * self.layout.cell;
        let start = self.layout.lanes[from];
        let left = if from < to { start + MARGIN } else { start - MARGIN - width };
        let rightmost = self.layout.width - width - 2.0;
        let left = left.min(rightmost).max(self.layout.gutter + 2.0);
        for row in &rows {
            self.y += ROW_HEIGHT;
            self.row("bytes", left, self.y - 5.0, row);
        }
        self.y += 3.0;
    }

    fn row(&mut self, class: &str, x: f64, y: f64, row: &Row) {
        let spans = row.0.iter().filter(|(_, text)| !text.is_empty());
        let spans = spans.map(|(ink, text)| (ink_class(*ink), text.as_str()));
        self.svg.spans(class, (x, y), spans);
    }

    fn arrow(&mut self, from: usize, to: usize) -> f64 {
        let (start, end, y) = (self.layout.lanes[from], self.layout.lanes[to], self.y);
        let base = end - 9.0 * (end - start).signum();
        self.shaft(from, base);
        let head = format!("M{base:.1} {:.1}L{end:.1} {y:.1}L{base:.1} {:.1}z", y - 4.5, y + 4.5);
        self.svg.path(&format!("arrowhead {}", speaker(from)), head);
        y
    }

    fn broken_arrow(&mut self, from: usize, to: usize) -> f64 {
        let (start, end, y) = (self.layout.lanes[from], self.layout.lanes[to], self.y);
        let cut = start + (end - start) * 0.6;
        self.shaft(from, cut);
        self.svg.line("never", (cut, y), (end, y));
        let (left, right, top, bottom) = (cut - CROSS, cut + CROSS, y - CROSS, y + CROSS);
        let cross = format!(
            "M{left:.1} {top:.1}L{right:.1} {bottom:.1}M{left:.1} {bottom:.1}L{right:.1} {top:.1}"
        );
        self.svg.path("lost", cross);
        y
    }

    fn shaft(&mut self, from: usize, end: f64) {
        let (start, y, speaker) = (self.layout.lanes[from], self.y, speaker(from));
        let dot = [("cx", start), ("cy", y), ("r", 3.0)];
        self.svg.shape("circle", &format!("start {speaker}"), &dot);
        self.svg.line(&format!("arrow {speaker}"), (start, y), (end, y));
    }

    /// What happened in one place is a box on its lane.
    fn local(&mut self, lane: usize, event: &Event) -> f64 {
        let cell = self.layout.cell * PROSE;
        let room = (self.layout.width - self.layout.gutter - 2.0 * MARGIN) / cell;
        let rows = rows(&event.lines, LOCAL_LIMIT.min(room as usize));
        let width = widest(&rows) as f64 * cell + 18.0;
        let height = rows.len() as f64 * ROW_HEIGHT + 8.0;
        let left = self.layout.lanes[lane] - width / 2.0;
        let left = left.min(self.layout.width - width - 1.0).max(self.layout.gutter + 1.0);
        let top = self.y;
        self.svg.rect(&format!("local {}", speaker(lane)), (left, top), (width, height), 5.0);
        for (index, row) in rows.iter().enumerate() {
            let baseline = top + 4.0 + (index as f64 + 0.72) * ROW_HEIGHT;
            self.row("happened", left + width / 2.0, baseline, row);
        }
        self.y = top + height;
        top + height / 2.0
    }

    /// The lifelines lie under everything else.
    fn finish(mut self) -> Svg {
        self.end_lifelines();
        self.lifelines.append(self.svg);
        self.lifelines
    }
}

/// Lanes beyond the palette share its colours.
fn speaker(lane: usize) -> String {
    format!("lane-{}", lane % 5)
}

fn ink_class(ink: Ink) -> &'static str {
    match ink {
        Ink::Bytes => "",
        Ink::LineEnd => "line-end",
        Ink::Note => "note",
    }
}
