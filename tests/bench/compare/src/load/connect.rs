//! Clients that come and go: connect, join, leave, close.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::time::timeout;

use super::connection::Connection;
use super::{Clients, PATIENCE, Tally};

const AT_A_TIME: usize = 32;

pub(super) fn start(address: SocketAddr, tally: &Arc<Tally>) -> Clients {
    (0..AT_A_TIME).map(|_| come_and_go(address, tally.clone())).collect()
}

async fn come_and_go(address: SocketAddr, tally: Arc<Tally>) -> Result<()> {
    while !tally.is_over() {
        let connection = Connection::open(address).await?;
        let left = timeout(PATIENCE, connection.leave()).await;
        left.context("expected the server to close, came nothing")??;
        tally.count(1);
    }
    Ok(())
}
