use std::time::Duration;

use crate::{Bounds, Rate};

/// How much people may take: of memory, of each other's attention, and of the server's time.
///
/// Below, `Beyond` names the code of the refusal. The facade's own limits hold as well: see its documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many connections: 1000. Beyond: HTTP status 503.
    pub max_connections: usize,
    /// How many people, connected or away: 500. Beyond, who has joined no room and is away makes place; if nobody:
    /// `hall-full`.
    pub max_people: usize,
    /// How many rooms: 50. Beyond, the one that has been empty for longest is forgotten; if none is: `hall-full`.
    pub max_rooms: usize,
    /// How many rooms one person is in: 8. Beyond: `too-many-rooms`.
    pub max_rooms_each: usize,
    /// The longest name of a person, a room or a file, in characters: 32. Beyond: `bad-name`, `bad-room`, `bad-file`.
    pub max_name: usize,
    /// The longest text, in bytes: 4000. Beyond: `bad-text`.
    pub max_text: usize,
    /// The largest file, in bytes: 1,000,000. Beyond: `too-large`.
    pub max_file: usize,
    /// How many messages a room remembers: 200. Beyond, the oldest is forgotten.
    pub max_history: usize,
    /// How many bytes of texts and files a room remembers: 4 MiB. Beyond, the oldest message is forgotten.
    pub max_history_bytes: usize,
    /// How many whispers wait for one person: 50. Beyond: `mail-full`.
    pub max_mail: usize,
    /// How long somebody whose connection is lost keeps name, rooms and whispers: 5 minutes.
    pub max_absence: Duration,
    /// How long a connection may be lost, so that its client hears all that it missed by itself: 2 minutes. Beyond,
    /// it asks with `join`.
    pub max_recovery: Duration,
    /// How long a client may take to show a whisper: 5 s. Beyond, it is kept.
    pub read_timeout: Duration,
    /// How long connections may take to end when the server stops: 2 s. Beyond: cut.
    pub shutdown_grace: Duration,
    /// `say` and `whisper`: 10 at once, then 3 a second. Beyond: `too-fast`, as for the others.
    pub messages: Rate,
    /// `file`: 3 at once, then one every 2 s.
    pub files: Rate,
    /// `fetch`: 40 at once, then 5 a second.
    pub fetches: Rate,
    /// `join`, `leave`, `rooms` and `who`: 30 at once, then 3 a second.
    pub moves: Rate,
    /// `typing`: 10 at once, then 2 a second.
    pub typing: Rate,
}

impl Limits {
    /// What a client is told of them.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        Bounds {
            max_text: self.max_text,
            max_file: self.max_file,
            max_name: self.max_name,
            max_rooms_each: self.max_rooms_each,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let rate = |burst, ms| Rate { burst, every: Duration::from_millis(ms) };
        Self {
            max_connections: 1000,
            max_people: 500,
            max_rooms: 50,
            max_rooms_each: 8,
            max_name: 32,
            max_text: 4000,
            max_file: 1_000_000,
            max_history: 200,
            max_history_bytes: 4 << 20,
            max_mail: 50,
            max_absence: Duration::from_secs(5 * 60),
            max_recovery: Duration::from_secs(2 * 60),
            read_timeout: Duration::from_secs(5),
            shutdown_grace: Duration::from_secs(2),
            messages: rate(10, 333),
            files: rate(3, 2000),
            fetches: rate(40, 200),
            moves: rate(30, 333),
            typing: rate(10, 500),
        }
    }
}
