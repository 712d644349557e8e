//! Our Engine.IO client, for a server that someone else wrote.
//!
//!     engineio-talk URL upgrade|polling|websocket|websocket-first COUNT
//!
//! It sends COUNT numbered messages, every second one as bytes, hears as many, and then sends texts until
//! one is refused for its length. It prints what happens, and stays until the server closes.

use std::error::Error;

use engineio_client::{Client, Connection, Event, Message, SendError, Transports};

/// So many are sent together.
const CHUNK: usize = 50;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, way, count] = &arguments[..] else { return Err("expected URL WAY COUNT".into()) };
    let transports = match way.as_str() {
        "upgrade" => Transports::PollingThenUpgrade,
        "polling" => Transports::PollingOnly,
        "websocket" => Transports::WebSocketOnly,
        "websocket-first" => Transports::WebSocketFirst,
        came => return Err(format!("expected a way, came {came}").into()),
    };
    let mut connection = match Client::builder(url).transports(transports).connect().await {
        Ok(connection) => connection,
        Err(error) => {
            println!("{error}");
            return Ok(());
        }
    };
    println!("begins on {}", connection.transport());
    talk(&mut connection, count.parse()?).await?;
    println!("ends on {}: {}", connection.transport(), connection.close_reason().expect("it has"));
    Ok(())
}

async fn talk(connection: &mut Connection, count: usize) -> Result<(), Box<dyn Error>> {
    for number in 0..count {
        connection.send(numbered(number))?;
        if number.is_multiple_of(CHUNK) {
            connection.drained().await;
        }
    }
    let mut heard = 0;
    while let Some(event) = connection.next_event().await {
        match event {
            Event::Message(message) if message == numbered(heard) => heard += 1,
            Event::Message(message) => println!("expected {:?}, came {message:?}", numbered(heard)),
            Event::Upgraded => println!("upgraded"),
            Event::UpgradeFailed(error) => println!("stays on polling: {error}"),
            Event::Closed(_) => {}
        }
        if heard == count {
            println!("heard {heard} in order");
            heard += 1;
            longest(connection).await;
        }
    }
    Ok(())
}

fn numbered(number: usize) -> Message {
    let text = number.to_string();
    if number.is_multiple_of(2) { Message::from(text) } else { Message::from(text.into_bytes()) }
}

/// Sends longer and longer texts until one is refused.
async fn longest(connection: &mut Connection) {
    for length in 990.. {
        match connection.send(Message::from("x".repeat(length))) {
            Ok(()) => connection.drained().await,
            Err(SendError::Closed) => return,
            Err(error) => return println!("{error}"),
        }
    }
}
