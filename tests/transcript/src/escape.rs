use std::fmt::Write;

/// A line longer than this is shortened.
const LONG_LINE: usize = 240;

/// How much of a long line is kept.
const KEPT: usize = 48;

/// The lines of `bytes` as visible text, cut after each `\n`.
///
/// Nothing is lost but the rest of a very long line: all other distinct bytes give distinct text.
pub(crate) fn visible_lines(bytes: &[u8]) -> Vec<String> {
    if bytes.is_empty() {
        return vec![String::from("(nothing)")];
    }
    bytes.split_inclusive(|byte| *byte == b'\n').map(visible_line).collect()
}

fn visible_line(line: &[u8]) -> String {
    if line.len() <= LONG_LINE {
        return escape(line);
    }
    format!("{}… ({} bytes in all)", escape(&line[..KEPT]), line.len())
}

/// `bytes` as visible text, all in one line.
pub(crate) fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            escape_char(character, &mut text);
        }
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").expect("a String takes every write");
        }
    }
    if text.ends_with(' ') {
        // Nobody sees a space at the end of a line, and some editors remove it.
        text.truncate(text.len() - 1);
        text.push_str("\\x20");
    }
    // `  # ` begins a note, so it must not appear by itself.
    text.replace("  #", "  \\#")
}

fn escape_char(character: char, text: &mut String) {
    match character {
        '\r' => text.push_str("\\r"),
        '\n' => text.push_str("\\n"),
        '\t' => text.push_str("\\t"),
        '\\' => text.push_str("\\\\"),
        control if control.is_ascii_control() => {
            write!(text, "\\x{:02x}", u32::from(control)).expect("a String takes every write");
        }
        // Two bytes in UTF-8, so it must not look like one.
        control if control.is_control() => {
            write!(text, "\\u{{{:x}}}", u32::from(control)).expect("a String takes every write");
        }
        other => text.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::visible_lines;

    #[test]
    fn a_line_ends_after_its_line_feed() {
        assert_eq!(visible_lines(b"a\r\nb"), ["a\\r\\n", "b"]);
        assert_eq!(visible_lines(b"\r\n\r\n"), ["\\r\\n", "\\r\\n"]);
        assert_eq!(visible_lines(b""), ["(nothing)"]);
    }

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        assert_eq!(visible_lines(b"\x1e\t\\n \xff"), ["\\x1e\\t\\\\n \\xff"]);
        assert_eq!(visible_lines(b"\x85"), ["\\x85"]);
        assert_eq!(visible_lines("\u{85}".as_bytes()), ["\\u{85}"]);
        assert_eq!(visible_lines(b"a  "), ["a \\x20"]);
        assert_eq!(visible_lines("caña".as_bytes()), ["caña"]);
        assert_eq!(visible_lines(b"a  # b"), ["a  \\# b"]);
        assert_eq!(visible_lines(b"a  #  # b  #"), ["a  \\#  \\# b  \\#"]);
    }

    #[test]
    fn a_long_line_says_how_long_it_was() {
        let line = "x".repeat(1000);
        let shown = format!("{}… (1000 bytes in all)", "x".repeat(48));
        assert_eq!(visible_lines(line.as_bytes()), [shown]);
    }
}
