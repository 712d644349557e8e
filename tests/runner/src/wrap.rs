//! Markdown in columns of plain text: for a comment, or for a terminal.

/// Wraps Markdown: paragraphs and list items are filled, fences and blank lines stay.
pub fn wrap(markdown: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut in_fence = false;
    let mut hang: Option<usize> = None; // inside a paragraph: how deep its further lines stand
    for line in markdown.lines() {
        let text = line.trim();
        let is_fence = text.starts_with("```");
        if in_fence || is_fence || text.is_empty() {
            in_fence ^= is_fence;
            lines.push(line.trim_end().to_owned());
            hang = None;
            continue;
        }
        let marker = list_marker(text);
        let depth = match hang {
            Some(depth) if marker == 0 => depth,
            _ => {
                let indent = line.len() - line.trim_start().len();
                lines.push(" ".repeat(indent));
                *hang.insert(indent + marker)
            }
        };
        hang = Some(depth);
        for word in text.split_whitespace() {
            let last = lines.last_mut().expect("a paragraph began with a line");
            let used = last.chars().count();
            let is_first = last.trim().is_empty();
            if !is_first && used + 1 + word.chars().count() > width {
                lines.push(format!("{}{word}", " ".repeat(depth)));
            } else {
                last.push_str(if is_first { "" } else { " " });
                last.push_str(word);
            }
        }
    }
    lines
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
    fn a_list_item_hangs_on_its_marker() {
        assert_eq!(wrap("- one two three\n- four", 9), ["- one two", "  three", "- four"]);
    }
}
