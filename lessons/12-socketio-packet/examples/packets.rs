//! Takes apart what the browser's network tools show of a Socket.IO connection, both layers of it: the
//! body of an HTTP request or answer, or the messages of a WebSocket.
//!
//!     cargo run -p lesson-12-socketio-packet --example packets -- '42["hello","you"]\x1e2'
//!
//! Without an argument it reads the standard input. Each line is a message of a WebSocket; the
//! separator, or `\x1e` where you type it, stands between the packets of one body. Bytes are `b` and
//! base64, as in a body.

use std::io::{self, IsTerminal, Read};
use std::process::ExitCode;

use engineio_packet::{self as engineio, Frame, payload};
use lesson_12_socketio_packet::{
    Args, ByteString, Json, Message, Packet, Parser, RawArgs, RawData, Reassembly,
};
use serde_json::Value;

fn main() -> ExitCode {
    let input = match given() {
        Ok(input) => input.replace(r"\x1e", &payload::SEPARATOR.to_string()),
        Err(error) => {
            eprintln!("expected a text on the standard input: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut reassembly = Reassembly::default();
    for line in input.lines().map(ByteString::from) {
        for frame in payload::decode(&line) {
            let text = frame.to_text();
            if let Err(problem) = explain(&text, frame, &mut reassembly) {
                row(&text, &format!("refused: {problem}"));
                println!("{:24}a receiver closes the connection here", "");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// The argument, or the standard input.
fn given() -> io::Result<String> {
    if let Some(input) = std::env::args().nth(1) {
        return Ok(input);
    }
    if io::stdin().is_terminal() {
        println!("paste a body or some messages, then press Enter and Ctrl+D");
    }
    let mut input = String::new();
    io::stdin().read_to_string(&mut input)?;
    Ok(input)
}

/// Engine.IO's layer. What it calls a message is a packet of Socket.IO's, or a piece of one.
fn explain(text: &str, frame: Frame, reassembly: &mut Reassembly) -> Result<(), String> {
    let message = match engineio::Packet::decode(frame).map_err(|error| error.to_string())? {
        engineio::Packet::Message(message) => message,
        packet => {
            row(text, &format!("Engine.IO alone: {}", kind(&packet)));
            return Ok(());
        }
    };
    let is_bytes = matches!(message, Message::Binary(_));
    match Json::default().decode(message, reassembly).map_err(|error| error.to_string())? {
        None if is_bytes => row(text, "an attachment, and more are to come"),
        None => row(text, "a packet whose attachments are to come"),
        Some(packet) => show(text, packet),
    }
    Ok(())
}

fn kind(packet: &engineio::Packet) -> &'static str {
    match packet {
        engineio::Packet::Open(_) => "open",
        engineio::Packet::Close => "close",
        engineio::Packet::Ping(_) => "ping",
        engineio::Packet::Pong(_) => "pong",
        engineio::Packet::Message(_) => "message",
        engineio::Packet::Upgrade => "upgrade",
        engineio::Packet::Noop => "noop",
    }
}

/// Socket.IO's layer.
fn show(text: &str, packet: Packet) {
    let nsp = packet.nsp().clone();
    match packet {
        Packet::Connect { data: None, .. } => row(text, &format!("connect to {nsp}")),
        Packet::Connect { data: Some(data), .. } => {
            row(text, &format!("connect to {nsp}, with {}", json(&data)));
        }
        Packet::Disconnect { .. } => row(text, &format!("leave {nsp}")),
        Packet::Event { ack, name, args, .. } => {
            let answer = ack.map_or(String::new(), |id| format!(", to be answered as {id}"));
            row(text, &format!("event {name:?} in {nsp}{answer}"));
            show_args(args);
        }
        Packet::Ack { id, args, .. } => {
            row(text, &format!("answer to {id} in {nsp}"));
            show_args(args);
        }
        Packet::ConnectError { data, .. } => {
            row(text, &format!("refused at {nsp}, with {}", json(&data)));
        }
    }
}

fn show_args(args: RawArgs) {
    let attachments = args.attachments().to_vec();
    match args.decode::<Args<Vec<Value>>>() {
        Ok(Args(values)) => values.iter().for_each(|value| row("", &format!("  {value}"))),
        Err(error) => row("", &format!("  no arguments: {error}")),
    }
    for (num, bytes) in attachments.iter().enumerate() {
        row("", &format!("  attachment {num}: {} bytes", bytes.len()));
    }
}

fn json(data: &RawData) -> String {
    data.decode::<Value>().map_or_else(|error| error.to_string(), |value| value.to_string())
}

/// Some text on the left, what it is on the right.
fn row(text: &str, meaning: &str) {
    const MOST: usize = 20;
    let dots = if text.chars().nth(MOST).is_some() { " …" } else { "" };
    let text = text.chars().take(MOST).collect::<String>() + dots;
    println!("{text:<24}{meaning}");
}
