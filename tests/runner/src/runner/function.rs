//! A function in a text, found by the name that `steps.md` gives it.

use std::ops::Range;

/// The lines of the function `item` (`parse` or `Header::parse`), from its signature to its end,
/// counted from 0; `None` where there is none. The text is taken to be formatted: a function ends
/// at the first brace below its own.
pub(super) fn find(text: &str, item: &str) -> Option<Range<usize>> {
    let lines: Vec<&str> = text.lines().collect();
    let (owner, name) = item.rsplit_once("::").unwrap_or(("", item));
    let is_owner = |line: &&str| line.starts_with("impl") && has_word(line, owner);
    let from = if owner.is_empty() { 0 } else { lines.iter().position(is_owner)? };
    let is_head = |line: &&str| {
        let after = line.split_once("fn ").and_then(|(_, rest)| rest.strip_prefix(name));
        after.is_some_and(|rest| rest.starts_with(['(', '<']))
    };
    let start = from + lines[from..].iter().position(is_head)?;
    let indent = &lines[start][..lines[start].len() - lines[start].trim_start().len()];
    if lines[start].trim_end().ends_with('}') {
        return Some(start..start + 1);
    }
    let is_end = |line: &&str| line.strip_prefix(indent) == Some("}");
    let length = lines[start..].iter().position(is_end)?;
    Some(start..start + length + 1)
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|other| other == word)
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_method_is_looked_for_in_its_own_impl() {
        let text = "\
impl A {
    fn parse() {}
}

impl Drop for B {
    pub async fn parse<T>(
        text: T,
    ) -> Self {
        if true {
        }
    }
}
";
        assert_eq!(find(text, "B::parse"), Some(5..11));
        assert_eq!(find(text, "A::parse"), Some(1..2));
        assert_eq!(find(text, "C::parse"), None);
        assert_eq!(find(text, "par"), None);
    }
}
