//! Reads the text of a snapshot into a [`Transcript`].

use std::time::Duration;

use super::{Entry, Event, Line, ParseError, Problem, Route, Transcript};

impl Transcript {
    /// Reads a snapshot file; the header that insta writes between `---` lines is skipped.
    ///
    /// # Errors
    ///
    /// The first line that is not as the format has it.
    pub fn parse(file: &str) -> Result<Self, ParseError> {
        let mut lines = without_header(file);
        let (number, first) = lines.next().unwrap_or((1, ""));
        let lanes = parse_lanes(first).map_err(|problem| at(number, problem))?;
        let body: Vec<_> = lines.filter(|(_, line)| !line.trim().is_empty()).collect();
        let columns = Columns::find(&body, &lanes)?;
        let mut entries = Vec::new();
        for (number, line) in body {
            columns.read(line, &lanes, &mut entries).map_err(|problem| at(number, problem))?;
        }
        Ok(Self { lanes, entries })
    }
}

/// Where the columns of this transcript begin, in characters from 0.
struct Columns {
    route: usize,
    text: usize,
}

impl Columns {
    /// The first event shows where routes begin, the widest route where texts do.
    fn find(body: &[(usize, &str)], lanes: &[String]) -> Result<Self, ParseError> {
        let mut events = body.iter().filter(|(_, line)| heading(line).is_none());
        let route = events.next().map_or(0, |(_, line)| route_column(line));
        let mut text = 0;
        for (number, line) in body {
            if heading(line).is_none() && char_at(line, route).is_some_and(|c| c != ' ') {
                let (_, width) =
                    parse_route(from_column(line, route), lanes).map_err(|e| at(*number, e))?;
                text = text.max(route + width + 2);
            }
        }
        Ok(Self { route, text })
    }

    fn read(&self, line: &str, lanes: &[String], entries: &mut Vec<Entry>) -> Result<(), Problem> {
        if let Some(heading) = heading(line) {
            entries.push(Entry::Heading(heading.to_owned()));
            return Ok(());
        }
        if let Some(Entry::Event(event)) = entries.last_mut()
            && char_at(line, self.route).is_none_or(|c| c == ' ')
        {
            event.lines.push(parse_line(self.text_after(line, 0)?));
            return Ok(());
        }
        let (route, width) = parse_route(from_column(line, self.route), lanes)?;
        entries.push(Entry::Event(Event {
            time: parse_time(up_to_column(line, self.route).trim())?,
            route,
            lines: vec![parse_line(self.text_after(line, self.route + width)?)],
        }));
        Ok(())
    }

    /// The text of a line, once it is certain that only blanks stand between `column` and it.
    fn text_after<'a>(&self, line: &'a str, column: usize) -> Result<&'a str, Problem> {
        let between = from_column(up_to_column(line, self.text), column);
        if between.trim().is_empty() {
            Ok(from_column(line, self.text))
        } else {
            Err(Problem::Misaligned { column: self.text + 1, found: between.trim().to_owned() })
        }
    }
}

/// The transcript as it was written, without the header.
pub(crate) fn transcript_text(file: &str) -> String {
    let lines: Vec<_> = without_header(file).map(|(_, line)| line).collect();
    lines.join("\n").trim_end().to_owned()
}

/// The numbered lines after insta's header.
fn without_header(file: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = file.starts_with("---\n");
    file.lines().enumerate().map(|(index, line)| (index + 1, line)).filter(move |(number, line)| {
        let skip = inside;
        inside &= *number == 1 || *line != "---";
        !skip
    })
}

fn parse_lanes(line: &str) -> Result<Vec<String>, Problem> {
    let none = || Problem::NoLanes(line.to_owned());
    let names = line.strip_prefix("lanes: ").ok_or_else(none)?;
    let lanes: Vec<_> = names.split(',').map(|name| name.trim().to_owned()).collect();
    if lanes.iter().any(String::is_empty) {
        return Err(none());
    }
    Ok(lanes)
}

fn heading(line: &str) -> Option<&str> {
    line.strip_prefix("== ")?.strip_suffix(" ==")
}

/// After the time and two blanks, or after the indentation if there is no time.
fn route_column(line: &str) -> usize {
    let indent = line.len() - line.trim_start().len();
    let rest = &line[indent..];
    match rest.split_once("  ") {
        Some((time, _)) if parse_time(time).is_ok_and(|time| time.is_some()) => {
            indent + time.len() + 2
        }
        _ => indent,
    }
}

/// The route at the start of `text`, and how many characters it takes.
fn parse_route(text: &str, lanes: &[String]) -> Result<(Route, usize), Problem> {
    let no_route = || Problem::NoRoute { lanes: lanes.join(" → "), found: text.to_owned() };
    let (from, rest) = parse_lane(text, lanes).ok_or_else(no_route)?;
    let delivered = rest.strip_prefix(" → ");
    let (route, rest) = match delivered.or_else(|| rest.strip_prefix(" ↛ ")) {
        None => (Route::Local(from), rest),
        Some(target) => {
            let (to, rest) = parse_lane(target, lanes).ok_or_else(no_route)?;
            match delivered {
                _ if from == to => return Err(no_route()),
                Some(_) => (Route::Delivered { from, to }, rest),
                None => (Route::Lost { from, to }, rest),
            }
        }
    };
    if !(rest.is_empty() || rest.starts_with(' ')) {
        return Err(no_route());
    }
    Ok((route, text.chars().count() - rest.chars().count()))
}

/// The longest lane that `text` begins with: one name may begin like another.
fn parse_lane<'a>(text: &'a str, lanes: &[String]) -> Option<(usize, &'a str)> {
    (0..lanes.len())
        .filter_map(|lane| Some((lane, text.strip_prefix(lanes[lane].as_str())?)))
        .min_by_key(|(_, rest)| rest.len())
}

fn parse_time(text: &str) -> Result<Option<Duration>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let no_time = || Problem::NoTime(text.to_owned());
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, Duration::from_millis(1)),
        None => (text.strip_suffix('s').ok_or_else(no_time)?, Duration::from_secs(1)),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let whole: u32 = whole.parse().map_err(|_| no_time())?;
    let thousandths: u32 = format!("{fraction:0<3}").parse().map_err(|_| no_time())?;
    if fraction.len() > 3 {
        return Err(no_time());
    }
    Ok(Some(unit * whole + unit * thousandths / 1000))
}

/// A note follows two spaces and `# `; where the message itself has two spaces and `#`, that is `\#`.
fn parse_line(line: &str) -> Line {
    let (text, note) = match line.split_once("  # ") {
        Some((text, note)) => (text, Some(note.to_owned())),
        None => (line, None),
    };
    Line { text: text.replace("  \\#", "  #"), note }
}

fn char_at(line: &str, column: usize) -> Option<char> {
    line.chars().nth(column)
}

fn byte_at(line: &str, column: usize) -> usize {
    line.char_indices().nth(column).map_or(line.len(), |(byte, _)| byte)
}

fn from_column(line: &str, column: usize) -> &str {
    &line[byte_at(line, column)..]
}

fn up_to_column(line: &str, column: usize) -> &str {
    &line[..byte_at(line, column)]
}

fn at(line: usize, problem: Problem) -> ParseError {
    ParseError { line, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOARD: &str = "\
---
source: tests/03_long_polling.rs
---
lanes: browser, server

   0ms  browser → server  GET /messages HTTP/1.1\\r\\n
                          \\r\\n
   0ms  server            holds the request
== 25 seconds later, nothing new ==
   25s  server → browser  HTTP/1.1 204 No Content\\r\\n  # the client asks again
1.250s  browser ↛ server  GET /messages HTTP/1.1\\r\\n
";

    fn event(transcript: &Transcript, index: usize) -> &Event {
        match &transcript.entries[index] {
            Entry::Event(event) => event,
            Entry::Heading(heading) => panic!("expected an event, found the heading {heading}"),
        }
    }

    fn problem(file: &str) -> String {
        Transcript::parse(file).expect_err("refused").to_string()
    }

    #[test]
    fn a_message_keeps_its_time_route_and_lines() {
        let board = Transcript::parse(BOARD).expect("a transcript");
        assert_eq!(board.lanes, ["browser", "server"]);
        let request = event(&board, 0);
        assert_eq!(request.time, Some(Duration::ZERO));
        assert_eq!(request.route, Route::Delivered { from: 0, to: 1 });
        let texts: Vec<_> = request.lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["GET /messages HTTP/1.1\\r\\n", "\\r\\n"]);
    }

    #[test]
    fn local_events_losses_and_headings_are_told_apart() {
        let board = Transcript::parse(BOARD).expect("a transcript");
        assert_eq!(event(&board, 1).route, Route::Local(1));
        assert_eq!(event(&board, 1).lines[0].text, "holds the request");
        let heading = Entry::Heading("25 seconds later, nothing new".into());
        assert_eq!(board.entries[2], heading);
        assert_eq!(event(&board, 4).route, Route::Lost { from: 0, to: 1 });
        assert_eq!(event(&board, 4).time, Some(Duration::from_millis(1250)));
    }

    #[test]
    fn a_note_is_parted_from_its_line() {
        let board = Transcript::parse(BOARD).expect("a transcript");
        let answer = &event(&board, 3).lines[0];
        assert_eq!(answer.text, "HTTP/1.1 204 No Content\\r\\n");
        assert_eq!(answer.note.as_deref(), Some("the client asks again"));
        let escaped = parse_line("a  \\# b  \\#  # c");
        assert_eq!((escaped.text.as_str(), escaped.note.as_deref()), ("a  # b  #", Some("c")));
    }

    #[test]
    fn an_untimed_transcript_may_have_lanes_that_begin_alike() {
        let pair = Transcript::parse("lanes: a, a b\n\na → a b  2probe\na b      waits\n");
        let pair = pair.expect("a transcript");
        assert_eq!(event(&pair, 0).route, Route::Delivered { from: 0, to: 1 });
        assert_eq!(event(&pair, 0).time, None);
        assert_eq!(event(&pair, 1).route, Route::Local(1));
    }

    #[test]
    fn an_error_names_the_line_and_what_was_expected() {
        assert_eq!(problem(""), "line 1: expected `lanes: a, b`, found ``");
        assert_eq!(
            problem("lanes: a, b\n\na → b  x\na → c  y\n"),
            "line 4: expected a route such as `a → b`, found `a → c  y`"
        );
        assert_eq!(
            problem("lanes: a, b\n\n 0ms  a → b  x\nsoon  a → b  y\n"),
            "line 4: expected a time such as `250ms` or `1.250s`, found `soon`"
        );
        assert_eq!(
            problem("lanes: a, b\n\na → b  x\n    y\n"),
            "line 4: expected the text to start at column 8, found `y` before it"
        );
    }
}
