//! The servers that are measured. Each does the same:
//!
//! ```text
//! ["echo", text]            emits it to the sender
//! ["binary", bytes]         emits it to the sender
//! ["ack", text]   and an id answers with the text
//! ["join", room]  and an id joins the room, then answers
//! ["room", text]            emits it to everyone in the room called room
//! ["broadcast", text]       emits it to everyone
//! ```

mod course;
mod limit;
mod node;
mod oxide;

use std::future::Future;
use std::io;
use std::process::Command;

use anyhow::{Result, bail};
use tokio::net::TcpListener;

use crate::load::Scenario;

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// What this course builds.
    Course,
    Socketioxide,
    /// No Socket.IO at all: the WebSocket library and strings that are cut.
    Limit,
    /// The reference.
    Node,
}

impl Peer {
    pub(crate) const ALL: [Self; 4] = [Self::Course, Self::Socketioxide, Self::Limit, Self::Node];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Socketioxide => "socketioxide",
            Self::Limit => "limit",
            Self::Node => "node",
        }
    }

    /// What stands behind the name, or why it cannot be measured here and what to do.
    pub(crate) fn version(self) -> Result<String> {
        Ok(match self {
            Self::Course => "the crate `socketio` of this checkout".to_owned(),
            Self::Socketioxide => locked("socketioxide"),
            Self::Limit => format!("{}, which knows no Socket.IO", locked("tokio-tungstenite")),
            Self::Node => node::version()?,
        })
    }

    pub(crate) fn can(self, scenario: Scenario) -> bool {
        self != Self::Limit || scenario != Scenario::Polling
    }

    /// What starts it. Its first line is its address, and it ends when its input does.
    pub(crate) fn command(self) -> Result<Command> {
        if self == Self::Node {
            return Ok(node::command());
        }
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", self.name()]);
        Ok(command)
    }
}

/// Serves as the peer of this name, until the input ends.
pub(crate) fn serve(name: Option<&str>) -> Result<()> {
    match name {
        Some("course") => listen(course::serve),
        Some("socketioxide") => listen(oxide::serve),
        Some("limit") => listen(limit::serve),
        _ => bail!("expected course, socketioxide or limit behind serve, came {name:?}"),
    }
}

/// With the runtime that tokio makes by default: one thread for each CPU that the process may use.
#[tokio::main]
async fn listen<F: Future<Output = io::Result<()>>>(server: fn(TcpListener) -> F) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    std::thread::spawn(|| {
        // Whatever ended the load, no server stays behind.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(0);
    });
    Ok(server(listener).await?)
}

/// The name and version of a dependency.
fn locked(name: &str) -> String {
    const LOCK: &str = include_str!("../../../../Cargo.lock");
    let version = LOCK.split_once(&format!("name = \"{name}\"\nversion = \""));
    let version = version.and_then(|(_, rest)| rest.split('"').next());
    format!("{name} {}", version.unwrap_or("of an unknown version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_says_what_is_measured() {
        let version = Peer::Socketioxide.version().expect("a dependency");
        assert!(version.starts_with("socketioxide 0."), "{version}");
    }

    #[test]
    fn who_cannot_serve_is_refused() {
        for name in [None, Some("node"), Some("other")] {
            let error = serve(name).expect_err("no such server").to_string();
            assert!(error.starts_with("expected course, socketioxide or limit"), "{error}");
        }
    }
}
