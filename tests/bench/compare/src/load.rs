//! The loads. Every answer is compared byte for byte; one that is wrong, comes twice or never is an error.

mod arrivals;
mod connect;
mod connection;
mod exchange;
mod fanout;
mod frames;
mod idle;
mod polling;
mod template;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use crate::machine::CpuTime;
use crate::subject::Subject;

/// For what should be there at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// What clients do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    Echo,
    Ack,
    Binary,
    Room,
    Broadcast,
    Polling,
    Connect,
    Idle,
}

impl Scenario {
    pub(crate) const ALL: [Self; 8] = [
        Self::Echo,
        Self::Ack,
        Self::Binary,
        Self::Room,
        Self::Broadcast,
        Self::Polling,
        Self::Connect,
        Self::Idle,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Ack => "ack",
            Self::Binary => "binary",
            Self::Room => "room",
            Self::Broadcast => "broadcast",
            Self::Polling => "polling",
            Self::Connect => "connect",
            Self::Idle => "idle",
        }
    }

    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Echo => {
                "50 clients, each with 8 events of 128 bytes on their way, which come back"
            }
            Self::Ack => "the same, each answered by an acknowledgement",
            Self::Binary => "the same, each with an attachment of 1 KiB",
            Self::Room => "500 clients, 50 in a room, 16 events of 128 bytes to it on their way",
            Self::Broadcast => "500 clients, 4 events of 128 bytes to all on their way",
            Self::Polling => "50 clients that poll, each with one event of 128 bytes on its way",
            Self::Connect => "32 clients at a time that connect, join the namespace and leave",
            Self::Idle => "2000 clients that said one thing and are silent: memory for each",
        }
    }

    /// What is counted.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Room | Self::Broadcast => "delivery",
            Self::Connect => "connection",
            Self::Idle => "client",
            _ => "message",
        }
    }
}

/// What one server did under one load.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) messages: u64,
    pub(crate) elapsed: Duration,
    /// Where the system tells.
    pub(crate) server: Option<CpuTime>,
    /// For each idle client, where the system tells.
    pub(crate) memory: Option<f64>,
    pub(crate) out_of_order: u64,
    pub(crate) errors: Vec<String>,
}

/// What all clients of a load share.
#[derive(Default)]
struct Tally {
    messages: AtomicU64,
    out_of_order: AtomicU64,
    /// From here on nothing new is asked, and what is on its way is awaited.
    is_over: AtomicBool,
}

impl Tally {
    fn count(&self, messages: u64) {
        self.messages.fetch_add(messages, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

type Clients = JoinSet<Result<()>>;

/// Puts the load on the server.
///
/// # Errors
///
/// If the clients cannot even connect. What goes wrong later is in the outcome.
pub(crate) async fn put(
    scenario: Scenario,
    subject: &Subject,
    measured: Duration,
) -> Result<Outcome> {
    let address = subject.address();
    let tally = &Arc::<Tally>::default();
    let clients = match scenario {
        Scenario::Echo => exchange::start(address, tally, exchange::echo).await?,
        Scenario::Ack => exchange::start(address, tally, exchange::ack).await?,
        Scenario::Binary => exchange::start(address, tally, exchange::binary).await?,
        Scenario::Room => fanout::start(address, tally, fanout::ROOM).await?,
        Scenario::Broadcast => fanout::start(address, tally, fanout::BROADCAST).await?,
        Scenario::Polling => polling::start(address, tally).await?,
        Scenario::Connect => connect::start(address, tally),
        Scenario::Idle => return idle::measure(subject).await,
    };
    Ok(measure(clients, tally, subject, measured).await)
}

async fn measure(
    mut clients: Clients,
    tally: &Tally,
    subject: &Subject,
    measured: Duration,
) -> Outcome {
    let so_far = || tally.messages.load(Ordering::Relaxed);
    sleep(measured / 2).await;
    let (before, start, server) = (so_far(), Instant::now(), subject.cpu_time());
    sleep(measured).await;
    let (messages, elapsed) = (so_far() - before, start.elapsed());
    let server = server.zip(subject.cpu_time()).map(|(before, after)| after - before);
    tally.is_over.store(true, Ordering::Relaxed);
    let mut errors = settle(&mut clients).await;
    if messages == 0 {
        errors.push(format!("expected answers, came none in {measured:?}"));
    }
    let out_of_order = tally.out_of_order.load(Ordering::Relaxed);
    Outcome { messages, elapsed, server, memory: None, out_of_order, errors }
}

/// Waits until each client has all its answers. What went wrong.
async fn settle(clients: &mut Clients) -> Vec<String> {
    let mut errors = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    loop {
        match timeout_at(deadline, clients.join_next()).await {
            Ok(None) => return errors,
            Ok(Some(ended)) => {
                let ended = ended.context("a client panicked").flatten();
                errors.extend(ended.err().map(|error| format!("{error:#}")));
            }
            Err(_) => {
                let waiting = clients.len();
                errors.push(format!("{waiting} clients wait for an answer that does not come"));
                return errors;
            }
        }
    }
}
