use std::fmt::Write;

/// A line of more characters than this is shortened.
const LONG_LINE: usize = 240;

/// How many characters of a long line are kept.
const KEPT: usize = 48;

/// The lines of `bytes` as visible text, cut after each `\n`. Distinct bytes give distinct text.
pub(crate) fn visible_lines(bytes: &[u8]) -> Vec<String> {
    if bytes.is_empty() {
        return vec![String::from("(nothing)")];
    }
    bytes.split_inclusive(|byte| *byte == b'\n').map(escape).collect()
}

/// A line as it is shown: of a very long one the beginning, the length, and a hash of all of it, so
/// that two that begin alike do not look the same.
///
/// It is for a line in which values are renamed already, or the hash would differ from run to run.
pub(crate) fn shortened(line: String) -> String {
    let length = line.chars().count();
    if length <= LONG_LINE {
        return line;
    }
    let kept: String = line.chars().take(KEPT).collect();
    format!("{kept}… ({length} characters in all, fnv {:08x})", fnv1a(line.as_bytes()))
}

/// FNV-1a in 32 bits, which tells apart what nobody tries to make alike.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
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
    use super::{fnv1a, shortened, visible_lines};

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
    fn a_long_line_says_how_long_it_was_and_is_told_from_another() {
        assert_eq!(shortened("x".repeat(240)), "x".repeat(240));
        let shown = format!("{}… (1000 characters in all, fnv 07d18165)", "x".repeat(48));
        assert_eq!(shortened("x".repeat(1000)), shown);
        assert_ne!(shortened("x".repeat(999) + "y"), shown);
        assert_eq!(fnv1a(b"foobar"), 0xbf9c_f968, "as its authors publish it");
    }
}
