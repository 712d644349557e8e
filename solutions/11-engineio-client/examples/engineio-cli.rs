//! A terminal client: it says which transport carries it, shows what comes, and sends what is typed.
//!
//!     cargo run -p engineio-client --example engineio-cli -- http://localhost:3000
//!     cargo run -p engineio-client --example engineio-cli -- ws://localhost:3000 --transport websocket-first
//!
//! Each line is one message. The end of the input (Ctrl-D) closes the session.

use std::error::Error;
use std::process::ExitCode;

use engineio_client::{Builder, Client, Connection, Event, Message, Transports};
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin, stdin};

const USAGE: &str = "\
engineio-cli URL [--transport upgrade|polling|websocket|websocket-first] [--path /engine.io/]
             [--header 'name: value']…";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let Some(builder) = builder(std::env::args().skip(1))? else {
        println!("{USAGE}");
        return Ok(());
    };
    let mut connection = builder.connect().await?;
    println!("* connected by {}", connection.transport());
    talk(&mut connection).await;
    println!("* {}", connection.close_reason().expect("the talk goes on until the end"));
    Ok(())
}

/// The client that the arguments ask for; `None` if they ask for help.
fn builder(mut arguments: impl Iterator<Item = String>) -> Result<Option<Builder>, String> {
    let mut builder: Option<Builder> = None;
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("expected a value after {argument}"));
        builder = Some(match (argument.as_str(), builder.take()) {
            ("--help" | "-h", _) => return Ok(None),
            ("--transport", Some(builder)) => builder.transports(transports(&value()?)?),
            ("--path", Some(builder)) => builder.path(&value()?),
            ("--header", Some(builder)) => {
                let header = value()?;
                let (name, value) = header
                    .split_once(':')
                    .ok_or(format!("expected a header such as 'a: b', came {header:?}"))?;
                builder.header(name.trim(), value.trim())
            }
            (url, None) if !url.starts_with('-') => Client::builder(url),
            _ => return Err(format!("expected {USAGE}\ncame {argument:?}")),
        });
    }
    Ok(builder)
}

fn transports(name: &str) -> Result<Transports, String> {
    match name {
        "upgrade" => Ok(Transports::PollingThenUpgrade),
        "polling" => Ok(Transports::PollingOnly),
        "websocket" => Ok(Transports::WebSocketOnly),
        "websocket-first" => Ok(Transports::WebSocketFirst),
        came => Err(format!(
            "expected --transport upgrade, polling, websocket or websocket-first, came {came:?}"
        )),
    }
}

async fn talk(connection: &mut Connection) {
    let mut lines = BufReader::new(stdin()).lines();
    let mut is_typing = true;
    loop {
        tokio::select! {
            biased;
            event = connection.next_event() => match event {
                Some(event) => show(&event),
                None => return,
            },
            line = next_line(&mut lines), if is_typing => match line {
                Some(line) => {
                    if let Err(error) = connection.send(Message::from(line)) {
                        println!("* not sent: {error}");
                    }
                }
                None => {
                    is_typing = false;
                    connection.close();
                }
            },
        }
    }
}

/// `None` at the end of the input.
async fn next_line(lines: &mut Lines<BufReader<Stdin>>) -> Option<String> {
    lines.next_line().await.ok().flatten()
}

fn show(event: &Event) {
    match event {
        Event::Message(Message::Text(text)) => println!("{text}"),
        Event::Message(Message::Binary(bytes)) => println!("* {} bytes: {bytes:?}", bytes.len()),
        Event::Upgraded => println!("* moved to a WebSocket"),
        Event::UpgradeFailed(error) => println!("* stays on polling: {error}"),
        Event::Closed(_) => {}
    }
}
