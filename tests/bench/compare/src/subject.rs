//! A server under test, in a process of its own.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::machine::{self, CpuTime, Pins};
use crate::servers::Peer;

/// Until it listens.
const START: Duration = Duration::from_secs(20);

/// It ends when this is dropped.
pub(crate) struct Subject {
    child: Child,
    address: SocketAddr,
}

impl Subject {
    pub(crate) async fn start(peer: Peer, pins: &Pins) -> Result<Self> {
        let mut command = Command::from(peer.command()?);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        // A process begins where the thread was that starts it.
        let mut child = pins.on_the_server_s(|| command.spawn())?;
        let output = child.stdout.take().context("it is piped")?;
        let mut lines = BufReader::new(output).lines();
        let line = timeout(START, lines.next_line()).await;
        let line = line.with_context(|| format!("expected an address within {START:?}"))??;
        let line = line.context("expected an address, came the end of the server")?;
        let address =
            line.parse().with_context(|| format!("expected an address, came {line:?}"))?;
        Ok(Self { child, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has used so far, where the system tells.
    pub(crate) fn cpu_time(&self) -> Option<CpuTime> {
        machine::cpu_time(self.child.id()?)
    }

    /// Bytes that are resident, where the system tells.
    pub(crate) fn memory(&self) -> Option<u64> {
        machine::memory(self.child.id()?)
    }

    pub(crate) async fn stop(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}
