//! The solution's own name becomes the starter's: `http_message` turns into
//! `lesson_01_http_message` where the code or its documentation means the crate.

/// Renames the crate `from` to `to` (both as packages, with hyphens) in the Rust file at `path`.
///
/// Inside the library only comments can mean the crate; examples, binaries and tests name it in code.
pub(crate) fn crate_name(path: &str, text: &str, from: &str, to: &str) -> String {
    let in_library =
        path.starts_with("src/") && !path.starts_with("src/bin/") && path != "src/main.rs";
    text.split_inclusive('\n')
        .map(|line| match line.trim_start().starts_with("//") {
            true => package(&identifier(line, from, to), from, to),
            false if in_library => line.to_owned(),
            false => identifier(line, from, to),
        })
        .collect()
}

/// Replaces the identifier where it can only be the crate: before `::`, or after `use`.
fn identifier(line: &str, from: &str, to: &str) -> String {
    let (from, to) = (from.replace('-', "_"), to.replace('-', "_"));
    replace(line, &from, &to, |before, after| {
        let whole = !before.ends_with(is_word) && !after.starts_with(is_word);
        let is_path = after.starts_with("::") && !before.ends_with([':', '.']);
        whole && (is_path || before.trim_end().ends_with("use"))
    })
}

/// Replaces the package in a command such as `cargo run -p http-message`.
fn package(line: &str, from: &str, to: &str) -> String {
    replace(line, from, to, |before, after| {
        let option = before.ends_with("-p ") || before.ends_with("--package ");
        option && !after.starts_with(|c: char| is_word(c) || c == '-')
    })
}

fn replace(line: &str, from: &str, to: &str, meant: impl Fn(&str, &str) -> bool) -> String {
    let mut result = String::with_capacity(line.len());
    let mut copied = 0;
    for (start, found) in line.match_indices(from) {
        let end = start + found.len();
        if meant(&line[..start], &line[end..]) {
            result.push_str(&line[copied..start]);
            result.push_str(to);
            copied = end;
        }
    }
    result + &line[copied..]
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::crate_name;

    fn renamed(path: &str, text: &str) -> String {
        crate_name(path, text, "http-message", "lesson-01-http-message")
    }

    #[test]
    fn only_whole_identifiers_that_mean_the_crate_are_renamed() {
        let text = "use http_message as subject;\nmod l01_http_message;\nlet http_message = 1;\n";
        let expected = "use lesson_01_http_message as subject;\nmod l01_http_message;\nlet http_message = 1;\n";
        assert_eq!(renamed("tests/spec.rs", text), expected);
    }

    #[test]
    fn library_code_stays_and_its_comments_follow() {
        let text = "//! cargo run -p http-message --example a\n/// use http_message::Request;\nhttp_message::x()\n";
        let expected = "//! cargo run -p lesson-01-http-message --example a\n/// use lesson_01_http_message::Request;\nhttp_message::x()\n";
        assert_eq!(renamed("src/lib.rs", text), expected);
    }
}
