//! The whole of it, so short that its figures say nothing: every answer is compared all the same.

use std::fs;
use std::process::Command;

const LOADS: [&str; 8] =
    ["echo", "ack", "binary", "room", "broadcast", "polling", "connect", "idle"];

fn bench() -> Command {
    Command::new(env!("CARGO_BIN_EXE_bench"))
}

#[test]
fn every_load_finds_every_answer_and_leaves_a_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = bench()
        .args(["--rounds", "1", "--secs", "0.2", "--only", "course,socketioxide,limit", "--write"])
        .arg(folder.path())
        .output()
        .expect("it runs");
    let [said, errors] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    assert!(output.status.success(), "{said}{errors}");
    let [results, chart] = ["results.md", "chart.svg"]
        .map(|name| fs::read_to_string(folder.path().join(name)).expect(name));
    let anchors = ["loads", "ratios", "kernel", "details", "circumstances"];
    for anchor in anchors {
        assert!(results.contains(&format!("ANCHOR: {anchor} ")), "{anchor} in {results}");
    }
    if cfg!(target_os = "linux") {
        assert!(!said.contains("does not tell CPU time"), "{said}");
        assert!(said.contains(" KiB for a client"), "the memory of those who are idle in {said}");
    }
    for load in LOADS {
        assert!(said.contains(&format!("\n| {load} ")), "a row for {load} in {said}");
        assert!(chart.contains(&format!(">{load}</text>")), "a row for {load} in {chart}");
    }
}

#[test]
fn an_option_that_makes_no_sense_ends_it_at_once() {
    let output = bench().args(["--rounds", "many"]).output().expect("it runs");
    assert!(!output.status.success());
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "expected 1 to 1000 behind --rounds, came \"many\"\n"
    );
}
