//! A client that comes back: dials an Engine.IO server, and tells of all that happens. Kill the server, and
//! start it again.
//!
//!     cargo run -p engineio-server --example engineio-echo
//!     cargo run -p lesson-16-reconnection --example reconnect -- http://localhost:4010
//!
//! With `--attempts N` it gives up after so many in a row. Enter dials at once, or, if there is a connection,
//! ends it. The end of the input (Ctrl-D) ends the program.

use std::error::Error;
use std::future::pending;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use engineio_client::{Client, CloseReason, ConnectError, Connection};
use lesson_16_reconnection::{Dial, DisconnectReason, Manager, Output, Reconnection, State};
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin, stdin};
use tokio::time::sleep_until;

const USAGE: &str = "reconnect [URL [--attempts N]]";

/// Where lesson 10's echo listens.
const ECHO: &str = "http://localhost:4010";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match arguments() {
        Ok((client, settings)) => {
            Program::new(client, Manager::new(settings)).run().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<(Client, Reconnection), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let unexpected = || format!("expected {USAGE}, came {arguments:?}");
    let (url, attempts) = match arguments[..] {
        [] => (ECHO, None),
        [url] => (url, None),
        [url, "--attempts", number] => (url, Some(number.parse().map_err(|_| unexpected())?)),
        _ => return Err(unexpected().into()),
    };
    // The manager's limit is the shorter one.
    let client = Client::builder(url).connect_timeout(Duration::from_secs(60)).build()?;
    Ok((client, Reconnection { attempts, ..Reconnection::default() }))
}

/// What a manager needs around it: a clock, chance, and somebody who dials.
struct Program {
    client: Client,
    manager: Manager,
    line: Line,
    began: Instant,
}

/// What the latest dial is by now.
enum Line {
    None,
    Dialling(Dial, Dialling),
    Connected(Dial, Connection),
}

type Dialling = Pin<Box<dyn Future<Output = Result<Connection, ConnectError>>>>;

/// What happens to the line.
enum News {
    Dialled(Dial, Result<Connection, ConnectError>),
    Ended(Dial, DisconnectReason),
}

impl Program {
    fn new(client: Client, manager: Manager) -> Self {
        Self { client, manager, line: Line::None, began: Instant::now() }
    }

    async fn run(mut self) {
        let mut typed = BufReader::new(stdin()).lines();
        self.manager.open(Instant::now());
        loop {
            self.drain();
            tokio::select! {
                biased;
                news = self.line.news() => self.hear(news),
                () = until(self.manager.poll_timeout()) => {
                    self.manager.handle_timeout(Instant::now(), rand::random());
                }
                goes_on = enter(&mut typed) => match (goes_on, self.manager.state()) {
                    (false, _) => return,
                    (true, State::Open { .. }) => self.manager.close(),
                    (true, _) => self.manager.open(Instant::now()),
                },
            }
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.manager.poll_output() {
            match output {
                Output::Dial(dial) => {
                    let client = self.client.clone();
                    let dialling = Box::pin(async move { client.connect().await });
                    self.line = Line::Dialling(dial, dialling);
                }
                // A future that is dropped dials no more, and a connection ends.
                Output::HangUp(_) => self.line = Line::None,
                Output::Event(event) => self.say(&event.to_string()),
            }
        }
        if let State::Waiting { until } = self.manager.state() {
            let delay = until.saturating_duration_since(Instant::now());
            self.say(&format!("  dials again in {:.1} s", delay.as_secs_f64()));
        }
    }

    fn hear(&mut self, news: News) {
        let (now, random) = (Instant::now(), rand::random());
        match news {
            News::Dialled(dial, Ok(connection)) => {
                self.line = Line::Connected(dial, connection);
                self.manager.handle_opened(dial);
            }
            News::Dialled(dial, Err(error)) => {
                self.line = Line::None;
                self.manager.handle_failed(dial, error, now, random);
            }
            News::Ended(dial, reason) => {
                self.line = Line::None;
                self.manager.handle_closed(dial, reason, now, random);
            }
        }
    }

    fn say(&self, what: &str) {
        println!("{:>6.1}s  {what}", self.began.elapsed().as_secs_f64());
    }
}

impl Line {
    /// Can be cancelled: it goes on where it was.
    async fn news(&mut self) -> News {
        match self {
            Self::None => pending().await,
            Self::Dialling(dial, dialling) => News::Dialled(*dial, dialling.await),
            Self::Connected(dial, connection) => {
                while connection.next().await.is_some() {}
                let reason =
                    connection.close_reason().map_or(DisconnectReason::TransportClose, why);
                News::Ended(*dial, reason)
            }
        }
    }
}

/// The reason as a Socket.IO client gives it.
fn why(reason: &CloseReason) -> DisconnectReason {
    match reason.reference_name() {
        "forced close" => DisconnectReason::ByClient,
        "ping timeout" => DisconnectReason::PingTimeout,
        "transport close" => DisconnectReason::TransportClose,
        _ => DisconnectReason::TransportError,
    }
}

async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time.into()).await,
        None => pending().await,
    }
}

/// Waits for the Enter key; `false` at the end of the input.
async fn enter(typed: &mut Lines<BufReader<Stdin>>) -> bool {
    matches!(typed.next_line().await, Ok(Some(_)))
}
