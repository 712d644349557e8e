//! What is measured, for how long.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::load::Scenario;
use crate::servers::Peer;

pub(crate) const HELP: &str = "\
The course's Socket.IO server beside others, under the same load.

  --rounds N    how often each is measured, in turn (5)
  --secs S      how long each time, after half as long to warm up (2)
  --only A,B    some servers: course, socketioxide, limit, node
                some loads: echo, ack, binary, room, broadcast, polling, connect, idle
  --write PATH  a folder for results.md and chart.svg";

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) rounds: usize,
    pub(crate) measured: Duration,
    /// The course's first: the others are compared with it.
    pub(crate) peers: Vec<Peer>,
    /// A peer was asked for by its name, so it may not be left out silently.
    pub(crate) peers_are_named: bool,
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) folder: Option<PathBuf>,
}

pub(crate) fn read(mut args: impl Iterator<Item = String>) -> Result<Options> {
    let mut options = Options {
        rounds: 5,
        measured: Duration::from_secs(2),
        peers: Peer::ALL.to_vec(),
        peers_are_named: false,
        scenarios: Scenario::ALL.to_vec(),
        folder: None,
    };
    while let Some(name) = args.next() {
        let known = ["--rounds", "--secs", "--only", "--write"];
        ensure!(known.contains(&&*name), "expected {}, came {name}", known.join(", "));
        let value = args.next().with_context(|| format!("expected a value behind {name}"))?;
        match &*name {
            "--rounds" => options.rounds = rounds(&value)?,
            "--secs" => options.measured = duration(&value)?,
            "--only" => only(&value, &mut options)?,
            _ => options.folder = Some(value.into()),
        }
    }
    Ok(options)
}

fn rounds(value: &str) -> Result<usize> {
    let rounds = value.parse().ok().filter(|rounds| (1..=1000).contains(rounds));
    rounds.with_context(|| format!("expected 1 to 1000 behind --rounds, came {value:?}"))
}

fn duration(value: &str) -> Result<Duration> {
    let seconds = value.parse().ok().filter(|seconds| (0.1..=3600.0).contains(seconds));
    let seconds = seconds
        .with_context(|| format!("expected 0.1 to 3600 seconds behind --secs, came {value:?}"))?;
    Ok(Duration::from_secs_f64(seconds))
}

/// Where no server is named, all are meant, and so for the loads.
fn only(value: &str, options: &mut Options) -> Result<()> {
    let (mut peers, mut scenarios) = (Vec::new(), Vec::new());
    for name in value.split(',') {
        let peer = Peer::ALL.into_iter().find(|peer| peer.name() == name);
        let scenario = Scenario::ALL.into_iter().find(|scenario| scenario.name() == name);
        match (peer, scenario) {
            (Some(peer), _) => peers.push(peer),
            (_, Some(scenario)) => scenarios.push(scenario),
            _ => {
                bail!("expected names of servers and loads behind --only, came {name:?}\n\n{HELP}")
            }
        }
    }
    if !peers.is_empty() {
        ensure!(
            peers.contains(&Peer::Course),
            "expected course among the servers, for the others are compared with it; came {value}"
        );
        options.peers.retain(|peer| peers.contains(peer));
        options.peers_are_named = true;
    }
    if !scenarios.is_empty() {
        options.scenarios.retain(|scenario| scenarios.contains(scenario));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(args: &str) -> Result<Options> {
        read(args.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn nothing_said_means_everything() {
        let options = options("").expect("defaults");
        assert_eq!((options.peers.len(), options.scenarios.len()), (4, 8));
        assert!(!options.peers_are_named);
    }

    #[test]
    fn only_some_of_both_kinds_in_the_order_of_the_report() {
        let options = options("--only idle,limit,echo,course --rounds 3 --secs 0.5 --write x")
            .expect("valid");
        assert_eq!(
            options,
            Options {
                rounds: 3,
                measured: Duration::from_millis(500),
                peers: vec![Peer::Course, Peer::Limit],
                peers_are_named: true,
                scenarios: vec![Scenario::Echo, Scenario::Idle],
                folder: Some("x".into()),
            }
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_its_name() {
        for (args, expected) in [
            ("--fast", "expected --rounds, --secs, --only, --write, came --fast"),
            ("--rounds", "expected a value behind --rounds"),
            ("--rounds 0", "expected 1 to 1000 behind --rounds, came \"0\""),
            ("--secs NaN", "expected 0.1 to 3600 seconds behind --secs, came \"NaN\""),
            ("--secs -1", "expected 0.1 to 3600 seconds behind --secs, came \"-1\""),
            (
                "--only limit",
                "expected course among the servers, for the others are compared with it; came limit",
            ),
        ] {
            assert_eq!(options(args).expect_err(args).to_string(), expected);
        }
        let error = options("--only echo,ecko").expect_err("a typing error").to_string();
        assert!(error.contains("came \"ecko\""), "{error}");
    }
}
