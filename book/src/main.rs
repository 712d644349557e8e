//! `cargo course book`: serves the book on this machine, or builds and checks it.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use course_book::build::build;
use course_book::server::{LIVE_RELOAD, Site};
use course_book::watch::Seen;
use tokio::net::TcpListener;

const USAGE: &str = "\
cargo course book             serves the book and rebuilds it when a source changes
cargo course book --port N    … on port N
cargo course book --build     builds it into target/book and checks every link";

const FIRST_PORT: u16 = 3000;
/// How many ports are tried, from the first.
const PORTS: u16 = 20;
/// How often the disk is asked what changed.
const LOOK_EVERY: Duration = Duration::from_millis(400);

enum Task {
    Build,
    Serve { port: Option<u16> },
    Help,
}

fn main() -> ExitCode {
    match parse(std::env::args().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Task> {
    let mut task = Task::Serve { port: None };
    while let Some(argument) = arguments.next() {
        task = match argument.as_str() {
            "--build" => Task::Build,
            "--port" => {
                let port = arguments.next().unwrap_or_default();
                let expected = || format!("expected a port after --port, found `{port}`");
                Task::Serve { port: Some(port.parse().with_context(expected)?) }
            }
            "--help" | "-h" => Task::Help,
            other => bail!("expected --build or --port N, found `{other}`\n\n{USAGE}"),
        };
    }
    Ok(task)
}

fn run(task: Task) -> Result<()> {
    let root = course::root::find()?;
    match task {
        Task::Help => println!("{USAGE}"),
        Task::Build => {
            build(&root, &root.join("target/book"), None)?;
            println!("the book is in target/book");
        }
        Task::Serve { port } => serve(&root, port)?,
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn serve(root: &Path, port: Option<u16>) -> Result<()> {
    let listener = listen(port).await?;
    let address = listener.local_addr()?;
    let folder = root.join("target/book-served");
    let site = Arc::new(Site::new(folder.clone()));
    let server = tokio::spawn(Arc::clone(&site).serve(listener));
    println!("the book is on http://{address}");
    let mut built = Seen::default();
    let mut look = tokio::time::interval(LOOK_EVERY);
    while !server.is_finished() {
        look.tick().await;
        let seen = Seen::now(root);
        if seen != built {
            built = seen;
            let (root, folder) = (root.to_owned(), folder.clone());
            match site.rebuild(async || in_background(root, folder).await).await {
                Ok(()) => println!("built"),
                Err(error) => {
                    eprintln!("{error:#}\n\nmend it: the book is built again at the next change");
                }
            }
        }
    }
    server.await??;
    Ok(())
}

async fn in_background(root: PathBuf, folder: PathBuf) -> Result<()> {
    tokio::task::spawn_blocking(move || build(&root, &folder, Some(LIVE_RELOAD))).await?
}

/// Listens on this machine only: on `port`, or on the first free one.
async fn listen(port: Option<u16>) -> Result<TcpListener> {
    if let Some(port) = port {
        let taken = || format!("expected port {port} to be free; choose another with --port N");
        return TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(taken);
    }
    for port in FIRST_PORT..FIRST_PORT + PORTS {
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            return Ok(listener);
        }
    }
    let last = FIRST_PORT + PORTS - 1;
    bail!("expected a free port from {FIRST_PORT} to {last}; choose another with --port N")
}
