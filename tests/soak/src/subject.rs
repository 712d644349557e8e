//! The process under test, from outside.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

use crate::figures::{Figures, Living};

/// For what the process answers at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// Until everything that clients left behind is gone: the longest of the server's deadlines, and time to
/// spare.
const AFTERMATH: Duration = Duration::from_secs(40);

pub(crate) struct Subject {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    addresses: Addresses,
}

/// Where each of the servers is.
#[derive(Clone, Copy)]
pub(crate) struct Addresses([SocketAddr; 3]);

/// What the servers of the process speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    Json,
    MsgPack,
    /// JSON, and whoever comes back hears what they missed.
    Recovering,
}

impl Addresses {
    pub(crate) fn of(self, speech: Speech) -> SocketAddr {
        self.0[speech as usize]
    }
}

impl Subject {
    pub(crate) async fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let input = child.stdin.take().context("it is piped")?;
        let mut output = BufReader::new(child.stdout.take().context("it is piped")?).lines();
        let line = output.next_line().await?.context("expected addresses, came the end")?;
        let addresses: Vec<_> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let addresses = addresses.try_into().ok().context("expected three addresses")?;
        Ok(Self { child, input, output, addresses: Addresses(addresses) })
    }

    pub(crate) fn addresses(&self) -> Addresses {
        self.addresses
    }

    pub(crate) async fn figures(&mut self) -> Result<Figures> {
        self.ask("figures").await
    }

    /// Waits until all clients have left and nothing of them is alive. What is then.
    pub(crate) async fn settle(&mut self, expected: &Living) -> Result<Figures> {
        let settled = timeout(AFTERMATH, async {
            loop {
                let figures = self.figures().await?;
                if figures.living == *expected {
                    return Ok(figures);
                }
                sleep(Duration::from_millis(100)).await;
            }
        });
        if let Ok(settled) = settled.await {
            return settled;
        }
        let came = self.figures().await?.living;
        anyhow::bail!(
            "expected to be left with {expected:?}, still there are {came:?} after {AFTERMATH:?}"
        )
    }

    /// It stops, whatever its clients do. What is then.
    pub(crate) async fn stop(mut self) -> Result<Figures> {
        let figures = self.ask("stop").await?;
        let ended = timeout(PATIENCE, self.child.wait()).await;
        let status = ended.context("expected the server to end")??;
        ensure!(status.success(), "expected the server to end without an error, came {status}");
        Ok(figures)
    }

    async fn ask(&mut self, question: &str) -> Result<Figures> {
        self.input.write_all(format!("{question}\n").as_bytes()).await?;
        let line = timeout(PATIENCE, self.output.next_line()).await;
        let line = line.context("expected the server's figures")??;
        let figures: Figures =
            serde_json::from_str(&line.context("expected figures, came the end")?)?;
        let panics = figures.panics;
        ensure!(panics == 0, "expected no panics but those intended, came {panics}");
        Ok(figures)
    }
}
