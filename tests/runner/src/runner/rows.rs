//! What a test printed, in rows that fit a terminal.

/// How many rows a line may take; what decides is seldom further on.
const ROWS: usize = 6;

/// Breaks a line into rows, at a space where there is one. Further rows hang below its text.
pub(super) fn rows(line: &str, width: usize) -> Vec<String> {
    let hang = hang(line, width / 2);
    let mut rows = Vec::new();
    let mut rest: Vec<char> = line.chars().collect();
    while rest.len() > width {
        if rows.len() + 1 == ROWS {
            rest.truncate(width - 1);
            rest.push('…');
            break;
        }
        let space = rest[..=width].iter().rposition(|c| *c == ' ').filter(|at| *at > hang);
        let tail = rest.split_off(space.unwrap_or(width));
        rows.push(String::from_iter(rest));
        let text = tail.into_iter().skip_while(|c| *c == ' ');
        rest = std::iter::repeat_n(' ', hang).chain(text).collect();
    }
    rows.push(String::from_iter(rest));
    rows
}

/// Where the text begins: behind the columns of a transcript, which stand two spaces apart or more; else
/// a little behind the margin. At most `most`.
fn hang(line: &str, most: usize) -> usize {
    let margin = line.chars().take_while(|c| matches!(c, ' ' | '-' | '+')).count();
    let head: Vec<char> = line.chars().take(most).collect();
    let columns = head.windows(2).rposition(|pair| pair == [' ', ' ']).map(|at| at + 2);
    columns.filter(|at| *at > margin).unwrap_or(margin + 2).min(most)
}

#[cfg(test)]
mod tests {
    use super::{ROWS, rows};

    #[test]
    fn a_line_breaks_at_spaces_and_hangs() {
        assert_eq!(rows("short", 12), ["short"]);
        assert_eq!(rows("- one two three", 9), ["- one two", "    three"]);
    }

    #[test]
    fn a_line_of_a_transcript_hangs_below_what_was_said() {
        let line = "+ 4s  a → b   one two three four";
        assert_eq!(rows(line, 28), ["+ 4s  a → b   one two three", "              four"]);
    }

    #[test]
    fn a_word_that_is_too_long_is_cut_and_a_text_without_end_ends() {
        assert_eq!(rows("abcdefghij", 6), ["abcdef", "  ghij"]);
        let endless = rows(&"é".repeat(10_000), 10);
        assert_eq!(endless.len(), ROWS);
        assert!(endless.iter().all(|row| row.chars().count() == 10));
        assert!(endless[ROWS - 1].ends_with('…'));
    }
}
