//! The reference, when it is installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/servers/node.cjs");

fn modules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop/node_modules")
}

pub(super) fn version() -> Result<String> {
    let output = command().arg("--version").output();
    let output = output.context("no `node` can be run: nodejs.org has it")?;
    ensure!(
        output.status.success(),
        "npm's socket.io is not installed: `npm ci` in tests/interop adds it"
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

pub(super) fn command() -> Command {
    let mut command = Command::new("node");
    command.arg(SCRIPT).env("NODE_PATH", modules());
    command
}
