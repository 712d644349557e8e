//! Does what it is told to a manager, in virtual time, and says what it told the application, and when. Each
//! line of the input is a JSON object, each line of the output a JSON array.

use std::error::Error;
use std::io;
use std::time::{Duration, Instant};

use reconnection::{Delays, Dial, DisconnectReason, Manager, ManagerEvent, Output, Reconnection};
use serde::Deserialize;

#[derive(Deserialize)]
struct Script {
    enabled: bool,
    attempts: Option<u32>,
    first: u64,
    max: u64,
    jitter: f64,
    timeout: Option<u64>,
    random: f64,
    happens: Vec<Happens>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Happens {
    Open,
    Close,
    Opened,
    Refused,
    Ended,
    Unreadable,
    Wait(u64),
}

fn main() -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lines() {
        let script: Script = serde_json::from_str(&line?)?;
        println!("{}", serde_json::to_string(&Played::new(&script).play(script.happens))?);
    }
    Ok(())
}

struct Played {
    manager: Manager,
    random: f64,
    began: Instant,
    now: Instant,
    dial: Option<Dial>,
    told: Vec<(u128, String)>,
}

impl Played {
    fn new(script: &Script) -> Self {
        let ms = Duration::from_millis;
        let (first, max) = (ms(script.first), ms(script.max));
        let settings = Reconnection {
            enabled: script.enabled,
            attempts: script.attempts,
            delays: Delays { first, max, jitter: script.jitter, ..Delays::default() },
            connect_timeout: script.timeout.map(ms),
        };
        let (manager, now) = (Manager::new(settings), Instant::now());
        Self { manager, random: script.random, began: now, now, dial: None, told: Vec::new() }
    }

    fn play(mut self, all: Vec<Happens>) -> Vec<(u128, String)> {
        for happens in all {
            self.perform(happens);
            self.drain();
        }
        self.told
    }

    fn perform(&mut self, happens: Happens) {
        let (now, random) = (self.now, self.random);
        let closed = |this: &mut Self, reason| {
            this.manager.handle_closed(this.dial.expect("it dialled"), reason, now, random);
        };
        match happens {
            Happens::Open => self.manager.open(now),
            Happens::Close => self.manager.close(),
            Happens::Opened => self.manager.handle_opened(self.dial.expect("it dialled")),
            Happens::Refused => {
                self.manager.handle_failed(self.dial.expect("it dialled"), "refused", now, random);
            }
            Happens::Ended => closed(self, DisconnectReason::TransportClose),
            Happens::Unreadable => closed(self, DisconnectReason::ParseError),
            Happens::Wait(ms) => self.wait(Duration::from_millis(ms)),
        }
    }

    fn wait(&mut self, by: Duration) {
        let end = self.now + by;
        while let Some(due) = self.manager.poll_timeout().filter(|due| *due <= end) {
            self.now = due;
            self.manager.handle_timeout(due, self.random);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(output) = self.manager.poll_output() {
            match output {
                Output::Dial(dial) => self.dial = Some(dial),
                Output::HangUp(_) => {}
                Output::Event(event) => {
                    self.told.push(((self.now - self.began).as_millis(), words(&event)));
                }
            }
        }
    }
}

/// As the reference's manager says it; which dial failed why is not compared.
fn words(event: &ManagerEvent) -> String {
    match event {
        ManagerEvent::Error(_) => "error".to_owned(),
        ManagerEvent::ReconnectError(_) => "reconnect_error".to_owned(),
        ManagerEvent::Close(DisconnectReason::ByClient) => "close: forced close".to_owned(),
        event => event.to_string(),
    }
}
