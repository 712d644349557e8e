//! Where the lanes of a drawing stand.

use unicode_width::UnicodeWidthStr;

use super::rows::{rows, widest};
use super::time::{PAUSE, pause, spoken};
use super::{Entry, Route, Transcript};

/// The space for which a drawing is made. A phone gets a drawing of its own: scaled down, the wide one
/// could not be read.
#[derive(Clone, Copy)]
pub(super) struct Space {
    /// No drawing is wider than this, in pixels.
    pub(super) width: f64,
    /// The size of the monospaced font.
    pub(super) font: f64,
    /// Whether times have room of their own, left of everything.
    gutter: bool,
    /// The lanes of a short exchange stand this far apart at least, if there is room.
    comfortable: f64,
}

pub(super) const WIDE: Space = Space { width: 740.0, font: 12.5, gutter: true, comfortable: 230.0 };
pub(super) const NARROW: Space =
    Space { width: 340.0, font: 11.5, gutter: false, comfortable: 160.0 };

/// Between a lifeline and the text beside it.
pub(super) const MARGIN: f64 = 14.0;
const BETWEEN_HEADS: f64 = 14.0;

/// Places, in pixels.
pub(super) struct Layout {
    /// Room for the times, left of everything; without it they stand on the first lifeline.
    pub(super) gutter: f64,
    /// The middle of each lane.
    pub(super) lanes: Vec<f64>,
    /// Of the whole drawing.
    pub(super) width: f64,
    /// The width of one character of the monospaced font.
    pub(super) cell: f64,
}

impl Layout {
    pub(super) fn new(transcript: &Transcript, space: Space) -> Self {
        let cell = space.font * 0.6;
        let gutter = if space.gutter { gutter(transcript, cell) } else { 0.0 };
        let heads: Vec<_> = transcript.lanes.iter().map(|name| head_width(name)).collect();
        let (first, last) = (heads[0] / 2.0, heads[heads.len() - 1] / 2.0);
        let gaps = gaps(transcript, space, cell, &heads, space.width - gutter - first - last - 2.0);
        let mut lanes = vec![gutter + first + 1.0];
        for gap in gaps {
            lanes.push(lanes[lanes.len() - 1] + gap);
        }
        let natural = lanes[lanes.len() - 1] + last + 1.0;
        let texts = gutter + widest_text(transcript) as f64 * cell + 2.0 * MARGIN;
        let width = natural.max(texts.min(space.width)).max(gutter + 260.0);
        let shift = (width - natural) / 2.0;
        Self { gutter, lanes: lanes.iter().map(|lane| lane + shift).collect(), width, cell }
    }

    /// How many cells a text beside the arrow between two lanes may take. Between lanes that stand
    /// close it may run over their neighbours.
    pub(super) fn limit(&self, from: usize, to: usize) -> usize {
        let between = (self.lanes[from] - self.lanes[to]).abs() - 2.0 * MARGIN;
        let everywhere = self.width - self.gutter - MARGIN;
        let room = if between < 0.6 * everywhere { everywhere } else { between };
        (room / self.cell) as usize
    }
}

pub(super) fn head_width(name: &str) -> f64 {
    name.width() as f64 * 7.6 + 24.0
}

fn gutter(transcript: &Transcript, cell: f64) -> f64 {
    let times: Vec<_> = events(transcript).filter_map(|event| event.time).collect();
    let pauses = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    let pauses = pauses.filter(|passed| *passed >= PAUSE).map(|passed| pause(passed).width());
    let widest = times.iter().map(|time| spoken(*time).width()).chain(pauses).max();
    widest.map_or(0.0, |widest| widest as f64 * cell + MARGIN)
}

/// The distances between neighbours: what their messages want, cut down to what there is, but never so
/// far that heads would touch.
fn gaps(
    transcript: &Transcript,
    space: Space,
    cell: f64,
    heads: &[f64],
    available: f64,
) -> Vec<f64> {
    let least: Vec<_> =
        heads.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0 + BETWEEN_HEADS).collect();
    let mut wanted: Vec<_> = least.iter().map(|least| least.max(space.comfortable)).collect();
    for event in events(transcript) {
        if let Route::Delivered { from, to } | Route::Lost { from, to } = event.route
            && from.abs_diff(to) == 1
        {
            let text = widest(&rows(&event.lines, usize::MAX)) as f64 * cell + 2.0 * MARGIN;
            let gap = &mut wanted[from.min(to)];
            *gap = gap.max(text);
        }
    }
    let (sum_least, sum_wanted) = (least.iter().sum::<f64>(), wanted.iter().sum::<f64>());
    if sum_wanted <= available {
        return wanted;
    }
    let share = ((available - sum_least) / (sum_wanted - sum_least)).max(0.0);
    let share_out = |(least, wanted): (&f64, &f64)| least + (wanted - least) * share;
    least.iter().zip(&wanted).map(share_out).collect()
}

/// In cells, of all that happened.
fn widest_text(transcript: &Transcript) -> usize {
    let widths = events(transcript).map(|event| widest(&rows(&event.lines, usize::MAX)));
    widths.max().unwrap_or(0)
}

fn events(transcript: &Transcript) -> impl Iterator<Item = &super::Event> {
    transcript.entries.iter().filter_map(|entry| match entry {
        Entry::Event(event) => Some(event),
        Entry::Heading(_) => None,
    })
}
