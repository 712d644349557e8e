//! What came, in words and tables.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::calibration::Calibration;
use crate::chart;
use crate::load::{Outcome, Scenario};
use crate::options::Options;
use crate::servers::Peer;
use crate::statistics::Spread;
use crate::table::Table;

/// Of one server, under one load, once.
pub(crate) struct Measurement {
    pub(crate) round: usize,
    pub(crate) scenario: Scenario,
    pub(crate) peer: Peer,
    pub(crate) outcome: Outcome,
}

/// Who was measured, each with its version, and why others were not.
#[derive(Default)]
pub(crate) struct Lineup {
    pub(crate) peers: Vec<(Peer, String)>,
    pub(crate) left_out: Vec<String>,
}

pub(crate) struct Report<'a> {
    pub(crate) options: &'a Options,
    pub(crate) lineup: Lineup,
    pub(crate) measurements: Vec<Measurement>,
    pub(crate) calibration: Calibration,
    pub(crate) are_pinned: bool,
    pub(crate) machine: String,
}

impl Report<'_> {
    /// For the terminal.
    pub(crate) fn text(&self) -> String {
        let details = self.details();
        format!("\n{}\n{}\n{details}\n{}", self.ratios(), self.kernel(), self.circumstances())
    }

    /// For a page that includes it by its anchors.
    pub(crate) fn markdown(&self) -> String {
        let mut page = format!("<!-- Written by `{COMMAND} --write PATH`. -->\n");
        for (anchor, part) in [
            ("loads", self.loads()),
            ("ratios", self.ratios()),
            ("kernel", self.kernel()),
            ("details", self.details()),
            ("circumstances", self.circumstances()),
        ] {
            let part = part.trim_end();
            page +=
                &format!("\n<!-- ANCHOR: {anchor} -->\n{part}\n<!-- ANCHOR_END: {anchor} -->\n");
        }
        page
    }

    /// The ratios as a drawing.
    pub(crate) fn chart(&self) -> String {
        let peers = self.others();
        let rows = self.options.scenarios.iter().map(|scenario| chart::Row {
            name: scenario.name(),
            ratios: peers.iter().map(|peer| self.ratio(*scenario, *peer)).collect(),
        });
        let names: Vec<_> = peers.iter().map(|peer| peer.name()).collect();
        chart::draw(&names, &rows.collect::<Vec<_>>())
    }

    pub(crate) fn errors(&self) -> impl Iterator<Item = String> {
        self.measurements.iter().flat_map(|measurement| {
            let Measurement { scenario, peer, outcome, .. } = measurement;
            let (scenario, peer) = (scenario.name(), peer.name());
            outcome.errors.iter().map(move |error| format!("{peer}, {scenario}: {error}"))
        })
    }

    fn loads(&self) -> String {
        let mut table = Table::new(["load", "what clients do"]);
        for scenario in &self.options.scenarios {
            table.row([scenario.name().to_owned(), scenario.description().to_owned()]);
        }
        table.to_string()
    }

    fn ratios(&self) -> String {
        let others = self.others();
        let mut table =
            Table::new(["course = 1"].into_iter().chain(others.iter().map(|peer| peer.name())));
        for scenario in &self.options.scenarios {
            let cells = others.iter().map(|peer| {
                let ratio = self.ratio(*scenario, *peer);
                ratio.map_or("–".to_owned(), |ratio| format!("{:.2}", ratio.median))
            });
            table.row([scenario.name().to_owned()].into_iter().chain(cells));
        }
        table.to_string()
    }

    fn kernel(&self) -> String {
        let names = self.lineup.peers.iter().map(|(peer, _)| peer.name());
        let mut table = Table::new(["in the kernel"].into_iter().chain(names));
        for scenario in self.options.scenarios.iter().filter(|it| **it != Scenario::Idle) {
            let cells = self.lineup.peers.iter().map(|(peer, _)| {
                percent(self.spread(*scenario, *peer, |outcome| {
                    let time = outcome.server?;
                    ratio(time.kernel.as_secs_f64(), time.total().as_secs_f64())
                }))
            });
            table.row([scenario.name().to_owned()].into_iter().chain(cells));
        }
        table.to_string()
    }

    fn details(&self) -> String {
        let mut table = Table::new([
            "load",
            "server",
            "ratio",
            "rate",
            "cost",
            "busy",
            "out of order",
            "errors",
        ]);
        for scenario in &self.options.scenarios {
            for (peer, _) in self.lineup.peers.iter().filter(|(peer, _)| peer.can(*scenario)) {
                let all = || self.of(*scenario, *peer);
                let late: u64 = all().map(|it| it.outcome.out_of_order).sum();
                let errors: usize = all().map(|it| it.outcome.errors.len()).sum();
                table.row([
                    scenario.name().to_owned(),
                    peer.name().to_owned(),
                    self.ratio_with_spread(*scenario, *peer),
                    self.rate(*scenario, *peer),
                    self.price(*scenario, *peer),
                    percent(self.spread(*scenario, *peer, |outcome| {
                        ratio(outcome.server?.total().as_secs_f64(), outcome.elapsed.as_secs_f64())
                    })),
                    late.to_string(),
                    errors.to_string(),
                ]);
            }
        }
        table.to_string()
    }

    fn circumstances(&self) -> String {
        let Options { rounds, measured, .. } = self.options;
        let mut text =
            format!("- {}. Rounds: {rounds}, in each {measured:?} for each load.\n", self.machine);
        let mut line = |line: &str| writeln!(text, "- {line}").expect("a String takes all");
        line(match self.are_pinned {
            true => "The server had one CPU, and the load another.",
            false => "Nothing could be pinned to a CPU: the ratios are rough.",
        });
        if self.measurements.iter().all(|it| it.outcome.server.is_none()) {
            line("This system does not tell CPU time: the ratios are of time for each message.");
        }
        for (peer, version) in &self.lineup.peers {
            line(&format!("{}: {version}.", peer.name()));
        }
        for why in &self.lineup.left_out {
            line(&format!("{why}."));
        }
        if cfg!(debug_assertions) {
            line("Built without optimisation: the figures say nothing.");
        }
        if let Some(noise) = self.noise() {
            line(&noise);
        }
        // The same mistake in many connections is said once.
        let errors: BTreeSet<_> = self.errors().collect();
        for error in errors {
            line(&format!("Error: {error}."));
        }
        text
    }

    fn noise(&self) -> Option<String> {
        let (user, kernel) = (self.calibration.user()?, self.calibration.kernel()?);
        let times = |spread: Spread| {
            let (median, most) = (spread.median / spread.least, spread.most / spread.least);
            format!("{median:.2} times its best in the median and {most:.2} at worst")
        };
        let is_quiet = [user, kernel].iter().all(|it| it.median <= QUIET * it.least);
        let verdict = match is_quiet {
            true => "The machine was quiet.",
            false => "The machine was busy: the ratios are rough, measure again when it is not.",
        };
        Some(format!(
            "Noise: before each load a fixed piece of work was timed. Computing took {}; the kernel's \
             work took {}. {verdict}",
            times(user),
            times(kernel)
        ))
    }

    /// All but the course's.
    fn others(&self) -> Vec<Peer> {
        self.lineup
            .peers
            .iter()
            .map(|(peer, _)| *peer)
            .filter(|peer| *peer != Peer::Course)
            .collect()
    }

    fn of(&self, scenario: Scenario, peer: Peer) -> impl Iterator<Item = &Measurement> {
        self.measurements.iter().filter(move |it| it.scenario == scenario && it.peer == peer)
    }

    fn spread(
        &self,
        scenario: Scenario,
        peer: Peer,
        figure: impl Fn(&Outcome) -> Option<f64>,
    ) -> Option<Spread> {
        let figures: Vec<_> =
            self.of(scenario, peer).filter_map(|it| figure(&it.outcome)).collect();
        Spread::of(&figures)
    }

    /// Round by round, for within one the machine was the same.
    fn ratio(&self, scenario: Scenario, peer: Peer) -> Option<Spread> {
        let ratios: Vec<_> = self
            .of(scenario, peer)
            .filter_map(|it| {
                let mut course = self.of(scenario, Peer::Course);
                let course = course.find(|course| course.round == it.round)?;
                ratio(cost(&it.outcome)?, cost(&course.outcome)?)
            })
            .collect();
        Spread::of(&ratios)
    }

    fn ratio_with_spread(&self, scenario: Scenario, peer: Peer) -> String {
        match self.ratio(scenario, peer) {
            _ if peer == Peer::Course => "1".to_owned(),
            None => "–".to_owned(),
            Some(Spread { least, median, most }) => {
                format!("{median:.2} ({least:.2}–{most:.2})")
            }
        }
    }

    fn rate(&self, scenario: Scenario, peer: Peer) -> String {
        if scenario == Scenario::Idle {
            return "–".to_owned();
        }
        let rate = self.spread(scenario, peer, |outcome| {
            ratio(outcome.messages as f64, outcome.elapsed.as_secs_f64())
        });
        rate.map_or("–".to_owned(), |rate| format!("{:.0}/s", rate.median))
    }

    fn price(&self, scenario: Scenario, peer: Peer) -> String {
        let unit = scenario.unit();
        match self.spread(scenario, peer, cost) {
            None => "–".to_owned(),
            Some(cost) if scenario == Scenario::Idle => {
                format!("{:.1} KiB for a {unit}", cost.median / 1024.0)
            }
            Some(cost) => format!("{:.2} µs for a {unit}", cost.median * 1e6),
        }
    }
}

const COMMAND: &str = "cargo run --profile measured -p bench --";

/// How much longer than at best a fixed piece of work takes on a machine that has nothing else to do.
const QUIET: f64 = 1.1;

/// What one message costs: CPU time where the system tells, time where it does not; memory of a client.
fn cost(outcome: &Outcome) -> Option<f64> {
    if outcome.memory.is_some() {
        return outcome.memory;
    }
    let time = outcome.server.map_or(outcome.elapsed, |time| time.total());
    ratio(time.as_secs_f64(), outcome.messages as f64)
}

/// None where one of them is 0: then something was too short to be measured, or failed.
fn ratio(dividend: f64, divisor: f64) -> Option<f64> {
    (dividend > 0.0 && divisor > 0.0).then(|| dividend / divisor)
}

fn percent(share: Option<Spread>) -> String {
    share.map_or("–".to_owned(), |share| format!("{:.0} %", share.median * 100.0))
}

#[cfg(test)]
mod tests;
