//! What the course's tests speak: a transcript of who said what to whom, and when.
//!
//! The same text is a snapshot in a diff, a drawing in the book and a specification of the layer
//! under test, so its format is fixed:
//!
//! ```text
//! lanes: browser, server
//!
//!      0s  browser → server  GET /messages HTTP/1.1\r\n
//!                            Host: board\r\n
//!                            \r\n
//!      0s  server            holds the request
//! == 25 seconds later ==
//!     25s  server → browser  HTTP/1.1 204 No Content\r\n  # nothing new
//!                            \r\n
//!     26s  browser ↛ server  GET /messages HTTP/1.1\r\n
//! ```
//!
//! - The first line names the lanes, in the order in which they are drawn; an empty line follows.
//! - An entry is a time, a route and a text, two spaces between them. The time is what the clock
//!   says since the transcript began, in `ms` below a second and in `s` above. A transcript without
//!   a clock (over real sockets, where times differ from run to run) has no time column.
//! - The route `a → b` is something that travelled, `a ↛ b` something that was lost on the way,
//!   `a` alone something that happened there.
//! - The text is what travelled. It breaks after each `\n`; the further lines are indented to the
//!   column of the first. Control characters, bytes that are not UTF-8, the backslash, and a space
//!   at the end of a line are escaped (`\r`, `\x1e`, `\\`, `\x20`). A line that is very long is
//!   shortened, and says how long it was and, as a hash, what was in it.
//! - Two spaces and `# ` begin a note for people, at the end of an entry's first line. After two
//!   spaces of the text itself it is `\#`.
//! - A line `== heading ==` begins a new phase.
//!
//! Bytes of a stream that go the same way at the same time are one entry, however they were
//! cut: how TCP slices them is not part of what was said. Values that differ from run to run are
//! [renamed](Transcript::rename): `<sid 1>` is the first session id that appears.
//!
//! This crate holds the transcript, a [clock that stands still](VirtualClock), an
//! [in-memory peer](pair) to talk to a server with, [deadlines](within) that say what was awaited,
//! and the [guard](step!) that tells a learner which step a failing test belongs to. Drawing is not
//! here: the book does it.

mod clock;
mod deadline;
mod escape;
mod names;
mod peer;
mod step;
mod transcript;

pub use clock::VirtualClock;
pub use deadline::{DEADLINE, within};
pub use peer::{Peer, pair};
pub use step::Step;
pub use transcript::Transcript;
