//! Does what it is told to a client's mailroom, in virtual time, and says what it did, and when. Each line of
//! the input is a JSON object, each line of the output a JSON array.

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::time::{Duration, Instant};

use buffering::{Bound, Config, Mailroom, NoAnswer, Output};
use serde::Deserialize;
use socketio_packet::AckId;

#[derive(Deserialize)]
struct Script {
    /// How often again; `None`: what is asked is asked once.
    retries: Option<u32>,
    /// How long an answer may take, in milliseconds.
    timeout: u64,
    happens: Vec<Happens>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Happens {
    Connect,
    Disconnect,
    Emit(u64),
    Volatile(u64),
    Call(u64),
    /// The server answers this one, as it was sent last.
    Answer(u64),
    Event(u64),
    Wait(u64),
}

/// A packet, an event and an asker are a number each.
struct Played {
    room: Mailroom<u64, u64, u64>,
    retries: bool,
    timeout: Duration,
    began: Instant,
    now: Instant,
    ids: BTreeMap<u64, AckId>,
    said: Vec<(u128, String)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lines() {
        let script: Script = serde_json::from_str(&line?)?;
        println!("{}", serde_json::to_string(&Played::new(&script).play(script.happens))?);
    }
    Ok(())
}

impl Played {
    fn new(script: &Script) -> Self {
        let roomy = Bound { items: usize::MAX, bytes: usize::MAX };
        let config = Config {
            to_send: roomy,
            to_retry: roomy,
            early: roomy,
            retries: script.retries.unwrap_or(0),
            ..Config::default()
        };
        let now = Instant::now();
        Self {
            room: Mailroom::new(&config),
            retries: script.retries.is_some(),
            timeout: Duration::from_millis(script.timeout),
            began: now,
            now,
            ids: BTreeMap::new(),
            said: Vec::new(),
        }
    }

    fn play(mut self, all: Vec<Happens>) -> Vec<(u128, String)> {
        for happens in all {
            self.perform(happens);
            self.drain();
        }
        self.said
    }

    fn perform(&mut self, happens: Happens) {
        match happens {
            Happens::Connect => self.room.handle_connect(self.now),
            Happens::Disconnect => self.room.handle_disconnect(),
            Happens::Emit(number) => self.room.emit(number, 1),
            Happens::Volatile(number) => self.room.emit_volatile(number),
            Happens::Call(number) => self.call(number),
            Happens::Answer(number) => {
                if let Some(asker) = self.room.handle_ack(self.ids[&number], self.now) {
                    self.say(format!("answered {asker}"));
                }
            }
            Happens::Event(number) => self.room.handle_event(number, 1).expect("it has room"),
            Happens::Wait(ms) => self.wait(Duration::from_millis(ms)),
        }
    }

    fn call(&mut self, number: u64) {
        let id = AckId(self.ids.len() as u64);
        self.ids.insert(number, id);
        if self.retries {
            self.room.retry(id, number, 1, self.timeout, number, self.now);
        } else {
            self.room.call(id, number, 1, self.now + self.timeout, number);
        }
    }

    fn wait(&mut self, by: Duration) {
        let end = self.now + by;
        while let Some(due) = self.room.poll_timeout().filter(|due| *due <= end) {
            self.now = due;
            self.room.handle_timeout(due);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(output) = self.room.poll_output() {
            match output {
                Output::Send(number) => self.say(format!("sends {number}")),
                Output::Received(number) => self.say(format!("hears {number}")),
                Output::Connected => self.say("is connected".to_owned()),
                Output::Dropped { .. } => {} // a volatile one: the reference says nothing
                Output::Unanswered { asker, why } => {
                    let why = match why {
                        NoAnswer::TimedOut => "operation has timed out",
                        NoAnswer::Disconnected => "socket has been disconnected",
                        NoAnswer::Dropped => "was dropped",
                    };
                    self.say(format!("{asker}: {why}"));
                }
            }
        }
    }

    fn say(&mut self, what: String) {
        self.said.push(((self.now - self.began).as_millis(), what));
    }
}
