//! The order of measurements: in each round and under each load every server once, one behind the other, so
//! that what disturbs the machine for a while disturbs all of them.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::time::timeout;

use crate::calibration::Calibration;
use crate::load::{self, Outcome};
use crate::machine::{self, Pins};
use crate::options::Options;
use crate::report::{Lineup, Measurement, Report};
use crate::subject::Subject;

/// Beside what is measured: to connect, to warm up, and to wait for the last answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures, and says what came.
///
/// # Errors
///
/// If nothing could be measured, or if a server made a mistake: then the figures are there all the same.
pub(crate) fn conduct(options: &Options) -> Result<()> {
    machine::open_more_files().context("cannot open more files")?;
    let pins = Pins::new();
    let lineup = available(options)?;
    // One thread, for the load has one CPU.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut calibration = Calibration::default();
    let measurements = runtime.block_on(measure(options, &lineup, &pins, &mut calibration))?;
    let report = Report {
        options,
        lineup,
        measurements,
        calibration,
        are_pinned: pins.are_set(),
        machine: machine::description(),
    };
    println!("{}", report.text());
    if let Some(folder) = &options.folder {
        let write = |name: &str, content: String| {
            let path = folder.join(name);
            fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))
        };
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        write("results.md", report.markdown())?;
        write("chart.svg", report.chart())?;
    }
    let errors = report.errors().count();
    ensure!(errors == 0, "expected no errors, came {errors}: they are listed above");
    Ok(())
}

/// Who can be measured here. It is an error only if somebody asked for one who cannot.
fn available(options: &Options) -> Result<Lineup> {
    let mut lineup = Lineup::default();
    for peer in &options.peers {
        match peer.version() {
            Ok(version) => lineup.peers.push((*peer, version)),
            Err(why) if options.peers_are_named => bail!("cannot measure {}: {why:#}", peer.name()),
            Err(why) => lineup.left_out.push(format!("{} is left out: {why:#}", peer.name())),
        }
    }
    Ok(lineup)
}

async fn measure(
    options: &Options,
    lineup: &Lineup,
    pins: &Pins,
    calibration: &mut Calibration,
) -> Result<Vec<Measurement>> {
    let mut measurements = Vec::new();
    for round in 0..options.rounds {
        for scenario in &options.scenarios {
            pins.on_the_server_s(|| calibration.take())?;
            for (peer, _) in lineup.peers.iter().filter(|(peer, _)| peer.can(*scenario)) {
                eprintln!(
                    "round {} of {}: {}, {}",
                    round + 1,
                    options.rounds,
                    scenario.name(),
                    peer.name()
                );
                let subject = Subject::start(*peer, pins).await?;
                let patience = PATIENCE + 2 * options.measured;
                let put = timeout(patience, load::put(*scenario, &subject, options.measured)).await;
                let put = put.with_context(|| format!("expected to be done within {patience:?}"));
                let outcome = put.flatten().unwrap_or_else(|error| Outcome {
                    errors: vec![format!("{error:#}")],
                    ..Outcome::default()
                });
                subject.stop().await?;
                measurements.push(Measurement { round, scenario: *scenario, peer: *peer, outcome });
            }
        }
    }
    Ok(measurements)
}
