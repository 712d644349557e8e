use std::time::Duration;

use super::*;
use crate::machine::CpuTime;

/// So many microseconds of user work for each of a hundred messages, and as many in the kernel.
fn measurement(round: usize, scenario: Scenario, peer: Peer, cost: u64) -> Measurement {
    let time = Duration::from_micros(100 * cost);
    let outcome = Outcome {
        messages: 100,
        elapsed: Duration::from_millis(10),
        server: Some(CpuTime { user: time, kernel: time }),
        ..Outcome::default()
    };
    Measurement { round, scenario, peer, outcome }
}

fn report(options: &Options, measurements: Vec<Measurement>) -> Report<'_> {
    let version = |peer: &Peer| (*peer, "1.0".to_owned());
    let lineup = Lineup {
        peers: options.peers.iter().map(version).collect(),
        left_out: vec!["node is left out: no `node` can be run".to_owned()],
    };
    Report {
        options,
        lineup,
        measurements,
        calibration: Calibration::default(),
        are_pinned: false,
        machine: "a machine".to_owned(),
    }
}

fn options(args: &str) -> Options {
    crate::options::read(args.split(' ').map(str::to_owned)).expect("valid")
}

#[test]
fn ratios_are_taken_within_a_round() {
    let options = options("--only course,limit,echo,polling --rounds 3");
    let costs = [(10, 5), (100, 60), (10, 7)];
    let measurements = costs.into_iter().enumerate().flat_map(|(round, (course, limit))| {
        let of = |peer, cost| measurement(round, Scenario::Echo, peer, cost);
        [of(Peer::Course, course), of(Peer::Limit, limit)]
    });
    let report = report(&options, measurements.collect());
    let expected = "\
| course = 1 | limit |
|------------|-------|
| echo       | 0.60  |
| polling    | –     |
";
    assert_eq!(report.ratios(), expected);
    assert!(report.details().contains("| limit  | 0.60 (0.50–0.70) |"), "{}", report.details());
}

#[test]
fn an_idle_client_costs_memory() {
    let options = options("--only course,limit,idle --rounds 1");
    let idle = |peer, memory| Measurement {
        outcome: Outcome { memory: Some(memory), ..Outcome::default() },
        ..measurement(0, Scenario::Idle, peer, 0)
    };
    let report = report(&options, vec![idle(Peer::Course, 2048.0), idle(Peer::Limit, 3072.0)]);
    assert!(report.ratios().contains("| idle       | 1.50  |"), "{}", report.ratios());
    assert!(report.details().contains("2.0 KiB for a client"), "{}", report.details());
}

#[test]
fn where_the_system_does_not_tell_cpu_time_it_is_time_and_the_report_says_so() {
    let options = options("--only course,limit,echo --rounds 1");
    let slow = |peer, millis| Measurement {
        outcome: Outcome {
            messages: 100,
            elapsed: Duration::from_millis(millis),
            ..Outcome::default()
        },
        ..measurement(0, Scenario::Echo, peer, 0)
    };
    let report = report(&options, vec![slow(Peer::Course, 10), slow(Peer::Limit, 5)]);
    assert!(report.ratios().contains("| echo       | 0.50  |"), "{}", report.ratios());
    let circumstances = report.circumstances();
    assert!(circumstances.contains("does not tell CPU time"), "{circumstances}");
    assert!(circumstances.contains("Nothing could be pinned"), "{circumstances}");
}

#[test]
fn what_went_wrong_is_said_once_and_what_failed_has_no_ratio() {
    let options = options("--only course,limit,echo --rounds 1");
    let mut failed = measurement(0, Scenario::Echo, Peer::Limit, 5);
    failed.outcome = Outcome { errors: vec!["it broke".to_owned(); 50], ..Outcome::default() };
    let course = measurement(0, Scenario::Echo, Peer::Course, 5);
    let report = report(&options, vec![course, failed]);
    assert!(report.ratios().contains("| echo       | –     |"), "{}", report.ratios());
    let circumstances = report.circumstances();
    assert_eq!(
        circumstances.matches("Error: limit, echo: it broke.").count(),
        1,
        "{circumstances}"
    );
    assert!(circumstances.contains("- node is left out: no `node` can be run.\n"));
    assert_eq!(report.errors().count(), 50);
}

#[test]
fn half_of_it_in_the_kernel() {
    let options = options("--only course,echo --rounds 1");
    let report = report(&options, vec![measurement(0, Scenario::Echo, Peer::Course, 5)]);
    assert!(report.kernel().contains("| echo          | 50 %   |"), "{}", report.kernel());
}
