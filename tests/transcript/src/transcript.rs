use std::fmt::{self, Display, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::{Clock, VirtualClock};
use crate::escape::{escape, shortened, visible_lines};
use crate::names::Names;

/// Who said what to whom, and when. Clones write to the same transcript.
///
/// The format is described in the [crate's documentation](crate). A transcript is shown with
/// [`Display`], which is what `insta::assert_snapshot!` takes.
#[derive(Clone, Debug)]
pub struct Transcript {
    clock: Clock,
    written: Arc<Mutex<Written>>,
}

#[derive(Debug)]
struct Written {
    lanes: Vec<String>,
    began: Option<Instant>,
    lines: Vec<Line>,
    /// (kind, value) of everything that is shown as `<kind n>`.
    renamed: Vec<(String, String)>,
    /// What is before each thing that is not shown.
    hidden: Vec<String>,
}

#[derive(Debug)]
enum Line {
    Phase(String),
    Entry(Entry),
}

#[derive(Debug)]
struct Entry {
    at: Option<Duration>,
    route: String,
    content: Content,
    note: Option<String>,
}

#[derive(Debug)]
enum Content {
    /// Part of a stream: what follows on the same route at the same time is joined to it.
    Stream(Vec<u8>),
    /// Something whole.
    Whole(Vec<u8>),
}

impl Transcript {
    /// A transcript without times, for peers on real sockets.
    ///
    /// The lanes are drawn in this order.
    #[must_use]
    pub fn untimed(lanes: &[&str]) -> Self {
        Self::new(lanes, Clock::None)
    }

    /// A transcript with the times of a clock that the test moves by hand.
    #[must_use]
    pub fn timed_by(clock: &VirtualClock, lanes: &[&str]) -> Self {
        Self::new(lanes, Clock::Virtual(clock.clone()))
    }

    /// A transcript with the times of tokio's clock, for a test with `start_paused = true`.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    #[must_use]
    pub fn timed_by_tokio(lanes: &[&str]) -> Self {
        Self::new(lanes, Clock::Tokio)
    }

    fn new(lanes: &[&str], clock: Clock) -> Self {
        let written = Written {
            lanes: lanes.iter().map(|lane| (*lane).to_owned()).collect(),
            began: clock.now(),
            lines: Vec::new(),
            renamed: Vec::new(),
            hidden: Vec::new(),
        };
        Self { clock, written: Arc::new(Mutex::new(written)) }
    }

    /// Bytes of a stream travel. Joined to what went the same way at the same time just before.
    pub fn bytes(&self, from: &str, to: &str, bytes: &[u8]) {
        let mut written = self.written();
        let route = format!("{} → {}", written.lane(from), written.lane(to));
        let at = self.since(&written);
        if let Some(Line::Entry(last)) = written.lines.last_mut()
            && last.at == at
            && last.route == route
            && let Content::Stream(before) = &mut last.content
        {
            before.extend_from_slice(bytes);
            return;
        }
        written.entry(at, route, Content::Stream(bytes.to_vec()));
    }

    /// A whole message travels: a packet, a frame, a body.
    pub fn message(&self, from: &str, to: &str, message: impl AsRef<[u8]>) {
        let mut written = self.written();
        let route = format!("{} → {}", written.lane(from), written.lane(to));
        let at = self.since(&written);
        written.entry(at, route, Content::Whole(message.as_ref().to_vec()));
    }

    /// A whole message is sent and never arrives.
    pub fn lost(&self, from: &str, to: &str, message: impl AsRef<[u8]>) {
        let mut written = self.written();
        let route = format!("{} ↛ {}", written.lane(from), written.lane(to));
        let at = self.since(&written);
        written.entry(at, route, Content::Whole(message.as_ref().to_vec()));
    }

    /// Something happens in one place; nothing travels.
    pub fn event(&self, lane: &str, what: impl Display) {
        let mut written = self.written();
        let route = written.lane(lane).to_owned();
        let at = self.since(&written);
        written.entry(at, route, Content::Whole(what.to_string().into_bytes()));
    }

    /// A note for people, on the entry written last.
    ///
    /// # Panics
    ///
    /// When nothing was written yet.
    pub fn note(&self, note: &str) {
        match self.written().lines.last_mut() {
            Some(Line::Entry(entry)) => entry.note = Some(note.to_owned()),
            _ => panic!("a note belongs to an entry, and none was written: {note}"),
        }
    }

    /// A heading: what follows is a new phase.
    pub fn phase(&self, heading: &str) {
        self.written().lines.push(Line::Phase(heading.to_owned()));
    }

    /// Shows `value`, wherever it appears, as `<kind n>`: the n-th of its kind to appear.
    pub fn rename(&self, kind: &str, value: &str) {
        assert!(!value.is_empty(), "an empty value cannot be renamed to <{kind} n>");
        let mut written = self.written();
        if !written.renamed.iter().any(|(_, known)| known == value) {
            written.renamed.push((kind.to_owned(), value.to_owned()));
        }
    }

    /// Shows what follows `before`, up to the end of its line, as `<…>`: a value such as a date, which
    /// differs from run to run and says nothing.
    pub fn hide_after(&self, before: &str) {
        assert!(!before.is_empty(), "nothing can be found after an empty text");
        self.written().hidden.push(before.to_owned());
    }

    fn since(&self, written: &Written) -> Option<Duration> {
        Some(self.clock.now()?.duration_since(written.began?))
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Written {
    /// The lane itself, once it is known to be one.
    fn lane<'a>(&self, lane: &'a str) -> &'a str {
        assert!(
            self.lanes.iter().any(|known| known == lane),
            "expected a lane of {:?}, came {lane:?}",
            self.lanes
        );
        lane
    }

    fn entry(&mut self, at: Option<Duration>, route: String, content: Content) {
        self.lines.push(Line::Entry(Entry { at, route, content, note: None }));
    }

    fn render(&self) -> String {
        let widest = |width: fn(&Entry) -> usize| self.entries().map(width).max().unwrap_or(0);
        let time = widest(|entry| entry.time().len());
        let route = widest(|entry| entry.route.chars().count());
        let mut names = Names::new(&self.renamed);
        let mut text = format!("lanes: {}\n\n", self.lanes.join(", "));
        for line in &self.lines {
            match line {
                Line::Phase(heading) => {
                    writeln!(text, "== {} ==", names.put_into(&escape(heading.as_bytes())))
                }
                Line::Entry(entry) => {
                    let lines = self.shown_lines(entry, &mut names);
                    entry.render(time, route, lines.into_iter(), &mut text)
                }
            }
            .expect("a String takes every write");
        }
        text
    }

    /// What travelled or happened, in lines, without what is hidden, under the names that are given.
    fn shown_lines(&self, entry: &Entry, names: &mut Names) -> Vec<String> {
        let (Content::Stream(bytes) | Content::Whole(bytes)) = &entry.content;
        let mut lines: Vec<String> = visible_lines(bytes)
            .iter()
            .map(|line| shortened(names.put_into(&self.without_hidden(line))))
            .collect();
        if let Some(note) = &entry.note {
            lines[0] += &format!("  # {}", names.put_into(&escape(note.as_bytes())));
        }
        lines
    }

    fn without_hidden(&self, line: &str) -> String {
        let found = |before: &String| Some(line.find(before)? + before.len());
        let Some(start) = self.hidden.iter().find_map(found) else { return line.to_owned() };
        let value = line[start..].trim_end_matches("\\n").trim_end_matches("\\r");
        format!("{}<…>{}", &line[..start], &line[start + value.len()..])
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.lines.iter().filter_map(|line| match line {
            Line::Entry(entry) => Some(entry),
            Line::Phase(_) => None,
        })
    }
}

impl Entry {
    /// Empty without a clock.
    fn time(&self) -> String {
        self.at.map(|at| format!("{:>7}  ", shown(at))).unwrap_or_default()
    }

    /// Writes `lines` beside the time and the route, whose columns are this wide.
    fn render(
        &self,
        time: usize,
        route: usize,
        mut lines: impl Iterator<Item = String>,
        text: &mut String,
    ) -> fmt::Result {
        let first = lines.next().unwrap_or_default();
        writeln!(text, "{:>time$}{:route$}  {first}", self.time(), self.route)?;
        lines.try_for_each(|line| writeln!(text, "{:1$}  {line}", "", time + route))
    }
}

/// `250ms`, `25s`, `1.250s`.
fn shown(at: Duration) -> String {
    match (at.as_secs(), at.subsec_millis()) {
        (secs, 0) => format!("{secs}s"),
        (0, millis) => format!("{millis}ms"),
        (secs, millis) => format!("{secs}.{millis:03}s"),
    }
}

impl Display for Transcript {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.written().render().trim_end())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Transcript;
    use crate::VirtualClock;

    #[test]
    fn a_transcript_shows_times_routes_and_notes() {
        let clock = VirtualClock::new();
        let transcript = Transcript::timed_by(&clock, &["browser", "server"]);
        transcript.bytes("browser", "server", b"GET / HT");
        transcript.bytes("browser", "server", b"TP/1.1\r\n\r\n");
        transcript.event("server", "holds the request");
        clock.advance(Duration::from_millis(25_000));
        transcript.phase("25 seconds later");
        transcript.message("server", "browser", "204");
        transcript.note("nothing new");
        clock.advance(Duration::from_millis(1_250));
        transcript.lost("browser", "server", "GET /");
        insta::assert_snapshot!(transcript, @r"
        lanes: browser, server

             0s  browser → server  GET / HTTP/1.1\r\n
                                   \r\n
             0s  server            holds the request
        == 25 seconds later ==
            25s  server → browser  204  # nothing new
        26.250s  browser ↛ server  GET /
        ");
    }

    #[test]
    fn renamed_values_are_numbered_by_first_appearance() {
        let transcript = Transcript::untimed(&["a", "b"]);
        transcript.rename("sid", "zz9");
        transcript.rename("sid", "zz9long");
        transcript.rename("port", "4001");
        transcript.rename("id", "0");
        transcript.message("a", "b", "zz9long on 4001");
        transcript.message("b", "a", "zz9 and zz9long, id 0");
        insta::assert_snapshot!(transcript, @r"
        lanes: a, b

        a → b  <sid 1> on <port 1>
        b → a  <sid 2> and <sid 1>, id <id 1>
        ");
    }

    #[test]
    fn what_differs_and_says_nothing_is_hidden() {
        let transcript = Transcript::untimed(&["a", "b"]);
        transcript.hide_after("date: ");
        transcript.message("a", "b", "date: Mon, 23 Nov\r\n\r\nno news\n");
        transcript.note("a Monday");
        transcript.message("b", "a", "the date: today");
        insta::assert_snapshot!(transcript, @r"
        lanes: a, b

        a → b  date: <…>\r\n  # a Monday
               \r\n
               no news\n
        b → a  the date: <…>
        ");
    }

    #[test]
    fn a_long_line_is_the_same_whatever_it_renames_and_hides() {
        let with = |sid: &str, date: &str| {
            let transcript = Transcript::untimed(&["a", "b"]);
            transcript.rename("sid", sid);
            transcript.hide_after("date: ");
            let long = "x".repeat(250);
            transcript.message("a", "b", format!("{long} sid={sid} date: {date}"));
            transcript.to_string()
        };
        assert_eq!(with("short", "today"), with("much longer", "tomorrow"));
    }

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let clock = VirtualClock::new();
        let transcript = Transcript::timed_by(&clock, &["a", "b"]);
        transcript.rename("number", "0");
        transcript.event("a", "begins");
        clock.advance(Duration::from_millis(3_600_001));
        transcript.message("a", "b", "0\nan hour");
        insta::assert_snapshot!(transcript, @r"
        lanes: a, b

               0s  a      begins
        3600.001s  a → b  <number 1>\n
                          an hour
        ");
    }

    #[test]
    #[should_panic(expected = "expected a lane of [\"a\", \"b\"], came \"c\"")]
    fn an_unknown_lane_is_a_mistake_of_the_test() {
        Transcript::untimed(&["a", "b"]).event("c", "what?");
    }
}
