//! Markdown in columns of plain text: for a comment, or for a terminal.

/// Wraps Markdown: paragraphs and list items are filled, fences and blank lines stay. Code between
/// backticks is not broken.
pub fn wrap(markdown: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut paragraph = Paragraph::default();
    let mut in_fence = false;
    for line in markdown.lines() {
        let text = line.trim();
        let is_fence = text.starts_with("```");
        if in_fence || is_fence || text.is_empty() {
            in_fence ^= is_fence;
            paragraph.end(width, &mut lines);
            lines.push(line.trim_end().to_owned());
            continue;
        }
        let marker = list_marker(text);
        if marker > 0 || paragraph.text.is_empty() {
            paragraph.end(width, &mut lines);
            paragraph.indent = line.len() - line.trim_start().len();
            paragraph.hang = paragraph.indent + marker;
        } else {
            paragraph.text.push(' ');
        }
        paragraph.text.push_str(text);
    }
    paragraph.end(width, &mut lines);
    lines
}

/// Lines that are one paragraph or list item.
#[derive(Default)]
struct Paragraph {
    indent: usize,
    hang: usize,
    text: String,
}

impl Paragraph {
    fn end(&mut self, width: usize, lines: &mut Vec<String>) {
        let text = std::mem::take(&mut self.text);
        let mut in_code = false;
        let words = text.split(|c| {
            in_code ^= c == '`';
            c == ' ' && !in_code
        });
        let mut line = String::new();
        for word in words.filter(|word| !word.is_empty()) {
            if line.is_empty() {
                line = format!("{}{word}", " ".repeat(self.indent));
            } else if line.chars().count() + 1 + word.chars().count() > width {
                lines.push(line);
                line = format!("{}{word}", " ".repeat(self.hang));
            } else {
                line = format!("{line} {word}");
            }
        }
        lines.extend(Some(line).filter(|line| !line.is_empty()));
    }
}

/// The width of `- `, `* ` or `1. ` at the start of a list item, or 0.
fn list_marker(text: &str) -> usize {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let digits = word.strip_suffix('.').unwrap_or_default();
    let numbered = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !rest.is_empty() && (word == "-" || word == "*" || numbered) { word.len() + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn paragraphs_are_filled_and_code_stays() {
        let markdown = "one two three\nfour\n\n```text\na  long line of code that stays\n```\n";
        let expected =
            ["one two", "three four", "", "```text", "a  long line of code that stays", "```"];
        assert_eq!(wrap(markdown, 10), expected);
    }

    #[test]
    fn code_is_not_broken_and_keeps_its_spaces() {
        assert_eq!(wrap("see `a  b\nc` there", 8), ["see", "`a  b c`", "there"]);
    }

    #[test]
    fn a_list_item_hangs_on_its_marker() {
        assert_eq!(wrap("- one two three\n- four", 9), ["- one two", "  three", "- four"]);
    }
}
