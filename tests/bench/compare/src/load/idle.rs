//! Clients that said one thing and are silent: what the server remembers of each.

use anyhow::{Result, ensure};
use tokio::time::Instant;

use super::Outcome;
use super::connection::Connection;
use crate::subject::Subject;

const CLIENTS: usize = 2000;

/// What the server makes once, whoever comes, is there after these.
const FIRST: usize = 100;

pub(super) async fn measure(subject: &Subject) -> Result<Outcome> {
    let start = Instant::now();
    let mut connections = Vec::with_capacity(FIRST + CLIENTS);
    for _ in 0..FIRST {
        connections.push(silent(subject).await?);
    }
    let before = subject.memory();
    for _ in 0..CLIENTS {
        connections.push(silent(subject).await?);
    }
    let memory = before
        .zip(subject.memory())
        .map(|(before, after)| after.saturating_sub(before) as f64 / CLIENTS as f64);
    Ok(Outcome { messages: CLIENTS as u64, elapsed: start.elapsed(), memory, ..Outcome::default() })
}

async fn silent(subject: &Subject) -> Result<Connection> {
    let mut connection = Connection::open(subject.address()).await?;
    connection.text(r#"42["echo","hello"]"#);
    let answer = connection.next().await?.payload;
    ensure!(answer == r#"42["echo","hello"]"#, "expected an echo, came {answer:?}");
    Ok(connection)
}
