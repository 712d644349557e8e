//! The whole server, in a process of its own, among clients that do everything wrong, and a few that
//! behave: those must not notice the others.
//!
//! ```console
//! $ cargo run --release -p soak -- --seconds 600
//! ```
//!
//! `--seed N` gives each client that misbehaves the same dice again, and `--only "reading never"` leaves one
//! act of [`bad::ACTS`]. At the end nothing of them is left in the server: no task, session, socket, room,
//! namespace, handler or question, and no more memory than before.

mod app;
mod bad;
mod census;
mod client;
mod conduct;
mod crowd;
mod figures;
mod good;
mod options;
mod server;
mod subject;
mod wire;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1).peekable();
    if args.next_if_eq("serve").is_some() {
        return server::serve();
    }
    conduct::conduct(options::read(args)?)
}
