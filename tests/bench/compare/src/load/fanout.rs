//! One client speaks, and many hear it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, ensure};
use tokio::sync::{Notify, watch};

use super::arrivals::Arrivals;
use super::connection::Connection;
use super::exchange::argument;
use super::frames::{self, Opcode};
use super::template::Template;
use super::{Clients, Tally};

const CLIENTS: usize = 500;
const EVENT: usize = 128;

/// To whom it is said, and how much of it at a time.
#[derive(Clone, Copy)]
pub(super) struct Audience {
    event: &'static str,
    /// The speaker is one of them.
    listeners: usize,
    on_their_way: u64,
}

pub(super) const ROOM: Audience = Audience { event: "room", listeners: 50, on_their_way: 16 };
pub(super) const BROADCAST: Audience =
    Audience { event: "broadcast", listeners: CLIENTS, on_their_way: 4 };

/// What was said, and how often it was heard in all.
struct Speech {
    audience: Audience,
    template: Template,
    said: AtomicU64,
    heard: AtomicU64,
    /// Everyone heard one more, or as good as: it bounds how far the slowest stays behind.
    has_progress: Notify,
    tally: Arc<Tally>,
}

pub(super) async fn start(
    address: SocketAddr,
    tally: &Arc<Tally>,
    audience: Audience,
) -> Result<Clients> {
    let text = format!(r#"42["{}","{}"]"#, audience.event, argument(0, EVENT));
    let speech = Arc::new(Speech {
        audience,
        template: Template::new(&text),
        said: AtomicU64::new(0),
        heard: AtomicU64::new(0),
        has_progress: Notify::new(),
        tally: tally.clone(),
    });
    let (end, ended) = watch::channel(());
    let speaker = member(address).await?;
    let mut clients = Clients::new();
    for client in 1..CLIENTS {
        if client < audience.listeners {
            let connection = member(address).await?;
            clients.spawn(listen(connection, speech.clone(), ended.clone()));
        } else {
            let connection = Connection::open(address).await?;
            clients.spawn(hear_nothing(connection, ended.clone()));
        }
    }
    clients.spawn(speak(speaker, speech, end));
    Ok(clients)
}

async fn member(address: SocketAddr) -> Result<Connection> {
    let mut connection = Connection::open(address).await?;
    connection.text(r#"420["join","room"]"#);
    let answer = connection.next().await?.payload;
    ensure!(answer.starts_with(b"430["), "expected to have joined, came {answer:?}");
    Ok(connection)
}

/// Says one thing more for each that everyone has heard. The others end when this does.
async fn speak(
    mut connection: Connection,
    speech: Arc<Speech>,
    _end: watch::Sender<()>,
) -> Result<()> {
    let mut arrivals = Arrivals::default();
    let listeners = speech.audience.listeners as u64;
    loop {
        let heard_by_all = speech.heard.load(Ordering::Relaxed) / listeners;
        let mut said = speech.said.load(Ordering::Relaxed);
        while said < heard_by_all + speech.audience.on_their_way && !speech.tally.is_over() {
            let template = &speech.template;
            frames::write_head(Opcode::Text, template.len(), &mut connection.output);
            template.write(said, &mut connection.output);
            said += 1;
        }
        speech.said.store(said, Ordering::Relaxed);
        if arrivals.count() < said {
            hear(&mut connection, &speech, &mut arrivals).await?;
        } else if heard_by_all < said {
            speech.has_progress.notified().await;
        } else {
            return Ok(());
        }
    }
}

async fn listen(
    mut connection: Connection,
    speech: Arc<Speech>,
    mut ended: watch::Receiver<()>,
) -> Result<()> {
    let mut arrivals = Arrivals::default();
    loop {
        tokio::select! {
            biased;
            heard = hear(&mut connection, &speech, &mut arrivals) => heard?,
            _ = ended.changed() => return Ok(()),
        }
    }
}

async fn hear(connection: &mut Connection, speech: &Speech, arrivals: &mut Arrivals) -> Result<()> {
    let frame = connection.next().await?;
    let number = speech.template.read(&frame.payload)?;
    if !arrivals.arrive(number, speech.said.load(Ordering::Relaxed))? {
        speech.tally.out_of_order.fetch_add(1, Ordering::Relaxed);
    }
    speech.tally.count(1);
    let heard = speech.heard.fetch_add(1, Ordering::Relaxed) + 1;
    if heard.is_multiple_of(speech.audience.listeners as u64) {
        speech.has_progress.notify_one();
    }
    Ok(())
}

async fn hear_nothing(mut connection: Connection, mut ended: watch::Receiver<()>) -> Result<()> {
    tokio::select! {
        frame = connection.next() => {
            anyhow::bail!("expected nothing outside of the room, came {:?}", frame?.payload)
        }
        _ = ended.changed() => Ok(()),
    }
}
