//! The lines of a message as the rows of a drawing: wrapped, or shortened where wrapping is not enough.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Line;

/// A line that is longer than this many rows is shortened.
const MAX_ROWS_PER_LINE: usize = 4;
/// A message that is longer than this many rows is shortened.
const MAX_ROWS: usize = 16;
/// How far from the end of a row a good place to break it may be.
const BREAK_WITHIN: usize = 14;

/// How a piece of text is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ink {
    /// What travelled.
    Bytes,
    /// The end of a line, which travelled too but says little.
    LineEnd,
    /// A remark for people.
    Note,
}

/// One row: pieces of text, side by side.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Row(pub(super) Vec<(Ink, String)>);

impl Row {
    fn of(ink: Ink, text: &str) -> Self {
        Self(vec![(ink, text.to_owned())])
    }

    /// In cells of the monospaced font; the font of notes is narrower by a sixth.
    pub(super) fn width(&self) -> usize {
        let cells = |(ink, text): &(Ink, String)| match ink {
            Ink::Note => (text.width() * 5).div_ceil(6),
            _ => text.width(),
        };
        self.0.iter().map(cells).sum()
    }
}

/// Sets `lines` in rows of at most `limit` cells.
pub(super) fn rows(lines: &[Line], limit: usize) -> Vec<Row> {
    let mut rows: Vec<_> = lines.iter().flat_map(|line| line_rows(line, limit)).collect();
    if rows.len() > MAX_ROWS {
        rows.truncate(MAX_ROWS - 1);
        rows.push(Row::of(Ink::LineEnd, "…"));
    }
    rows
}

/// The widest of `rows`, in cells.
pub(super) fn widest(rows: &[Row]) -> usize {
    rows.iter().map(Row::width).max().unwrap_or(0)
}

fn line_rows(line: &Line, limit: usize) -> Vec<Row> {
    let (bytes, end) = split_line_end(&line.text);
    let mut rows: Vec<_> =
        wrap(bytes, limit).iter().map(|text| Row::of(Ink::Bytes, text)).collect();
    if rows.len() > MAX_ROWS_PER_LINE {
        rows.truncate(MAX_ROWS_PER_LINE);
        rows[MAX_ROWS_PER_LINE - 1].0.push((Ink::LineEnd, "…".to_owned()));
    }
    let last = rows.last_mut().expect("even an empty text wraps to one row");
    last.0.push((Ink::LineEnd, end.to_owned()));
    if let Some(note) = &line.note {
        last.0.push((Ink::Note, format!("  {note}")));
        if last.width() > limit {
            last.0.pop();
            rows.extend(wrap(note, limit).iter().map(|text| Row::of(Ink::Note, text)));
        }
    }
    rows
}

/// Every HTTP line ends alike: parting the end from the text lets it be drawn softly.
fn split_line_end(text: &str) -> (&str, &str) {
    let bytes = text.strip_suffix("\\n").unwrap_or(text);
    let bytes = bytes.strip_suffix("\\r").unwrap_or(bytes);
    text.split_at(bytes.len())
}

/// Breaks `text` after a blank or a separator near the end of a row, else where the row is full.
pub(crate) fn wrap(text: &str, limit: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    for c in text.chars() {
        let row = rows.last_mut().expect("there is always a row");
        if row.width() + c.width().unwrap_or(0) > limit.max(2) {
            let rest = row.split_off(good_break(row));
            row.truncate(row.trim_end().len());
            let is_clean = rest.is_empty();
            rows.push(rest);
            if c == ' ' && is_clean {
                continue;
            }
        }
        rows.last_mut().expect("there is always a row").push(c);
    }
    rows
}

/// The byte at which to break a full row.
fn good_break(row: &str) -> usize {
    row.char_indices()
        .rev()
        .take(BREAK_WITHIN)
        .find(|(_, c)| matches!(c, ' ' | ',' | ';' | '&' | '?'))
        .map(|(byte, c)| byte + c.len_utf8())
        .filter(|byte| *byte < row.len())
        .unwrap_or(row.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str, note: Option<&str>, limit: usize) -> Vec<String> {
        let line = Line { text: text.to_owned(), note: note.map(str::to_owned) };
        let texts = |row: &Row| row.0.iter().map(|(_, text)| text.as_str()).collect();
        rows(&[line], limit).iter().map(texts).collect()
    }

    #[test]
    fn a_short_line_is_one_row_with_its_note() {
        assert_eq!(drawn("2probe", Some("still polling"), 30), ["2probe  still polling"]);
        assert_eq!(drawn("2probe", Some("still polling"), 15), ["2probe", "still polling"]);
    }

    #[test]
    fn a_long_line_breaks_after_a_separator() {
        let rows = drawn("GET /socket.io/?EIO=4&transport=polling HTTP/1.1", None, 24);
        assert_eq!(rows, ["GET /socket.io/?EIO=4&", "transport=polling", "HTTP/1.1"]);
        assert_eq!(drawn("aaaaaa", None, 4), ["aaaa", "aa"]);
        assert_eq!(drawn("one two three four", None, 8), ["one two", "three", "four"]);
        assert_eq!(drawn("one two three", None, 6), ["one", "two", "three"]);
    }

    #[test]
    fn what_is_too_long_ends_in_an_ellipsis() {
        assert_eq!(drawn(&"x".repeat(100), None, 4), ["xxxx", "xxxx", "xxxx", "xxxx…"]);
        let many: Vec<_> = (0..40).map(|n| Line { text: n.to_string(), note: None }).collect();
        let rows = rows(&many, 10);
        assert_eq!(rows.len(), MAX_ROWS);
        assert_eq!(rows[MAX_ROWS - 1], Row::of(Ink::LineEnd, "…"));
    }

    #[test]
    fn the_end_of_a_line_is_a_piece_of_its_own() {
        assert_eq!(split_line_end("Host: a\\r\\n"), ("Host: a", "\\r\\n"));
        assert_eq!(split_line_end("data\\n"), ("data", "\\n"));
        assert_eq!(split_line_end("40"), ("40", ""));
    }
}
