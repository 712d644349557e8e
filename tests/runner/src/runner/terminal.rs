//! Lines on a terminal, with colour where colour is wanted.

use std::io::{IsTerminal, Write, stdout};

use course::wrap::wrap;

/// What fits on a line everywhere.
pub(super) const COLUMNS: usize = 80;

/// What a piece of text is, for the eye.
#[derive(Clone, Copy)]
pub(super) enum Paint {
    Bold,
    Dim,
    Good,
    Bad,
    Accent,
}

/// Prints a line. A reader that went away (`cargo course list | head`) ends the run in silence.
pub(super) fn say(line: impl AsRef<str>) {
    if writeln!(stdout(), "{}", line.as_ref()).is_err() {
        std::process::exit(0);
    }
}

/// Tells why a command ended without success; on a terminal, in its columns.
pub(super) fn complain(reason: &str) {
    for line in reason.lines() {
        match std::io::stderr().is_terminal() {
            true => wrap(line, COLUMNS).iter().for_each(|line| eprintln!("{line}")),
            false => eprintln!("{line}"),
        }
    }
}

/// Shows a passing remark that the next one replaces; nothing where there is no terminal.
pub(super) fn remark(text: &str) {
    if is_terminal() {
        // A remark that cannot be shown is no loss.
        let _ = write!(stdout(), "\r\x1b[2K{}", paint(Paint::Dim, text));
        let _ = stdout().flush();
    }
}

/// Clears the screen, where there is one.
pub(super) fn clear() {
    if is_terminal() {
        let _ = write!(stdout(), "\x1b[2J\x1b[H");
    }
}

pub(super) fn is_terminal() -> bool {
    stdout().is_terminal()
}

/// Whether colour is wanted: on a terminal, unless `NO_COLOR` says otherwise.
pub(super) fn has_colour() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    is_terminal() && !refused && !dumb
}

pub(super) fn paint(paint: Paint, text: &str) -> String {
    if !has_colour() {
        return text.to_owned();
    }
    let code = match paint {
        Paint::Bold => "1",
        Paint::Dim => "2",
        Paint::Good => "32",
        Paint::Bad => "31",
        Paint::Accent => "36",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// Takes colour out of a text that another program coloured.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        let end = escape.find(|c: char| c.is_ascii_alphabetic());
        rest = end.map_or("", |end| &escape[end + 1..]);
    }
    plain + rest
}
