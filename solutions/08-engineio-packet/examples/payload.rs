//! Takes apart what the browser's network tools show of an Engine.IO connection: the body of an HTTP
//! request or answer, or a message of a WebSocket.
//!
//!     cargo run -p engineio-packet --example payload -- '4hello\x1e2\x1ebAQIDBA=='
//!
//! Without an argument it reads the standard input. The separator is the character that the tools
//! copy, or `\x1e` where you type it.

use std::io::{self, IsTerminal, Read};
use std::process::ExitCode;

use engineio_packet::{ByteString, Frame, Handshake, Message, Packet, PacketError, payload};

fn main() -> ExitCode {
    let body = match given() {
        Ok(body) => ByteString::from(body.replace(r"\x1e", &payload::SEPARATOR.to_string())),
        Err(error) => {
            eprintln!("expected a text on the standard input: {error}");
            return ExitCode::FAILURE;
        }
    };
    // One packet is a frame as well as a payload.
    let count = 1 + body.matches(payload::SEPARATOR).count();
    let frames = match count {
        1 => vec![Frame::Text(body.clone())],
        _ => payload::decode(&body).take(count).collect(),
    };
    println!("packets: {count}, bytes: {}", body.len());
    for frame in frames {
        println!();
        let text = frame.to_text();
        match Packet::decode(frame) {
            Ok(packet) => explain(&text, &packet),
            Err(error) => {
                complain(&text, &error);
                println!();
                println!("a receiver closes the session here, and reads no further");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// The argument, or the standard input without the line break that ends it.
fn given() -> io::Result<String> {
    let mut arguments = std::env::args().skip(1);
    if let Some(body) = arguments.next() {
        return Ok(body);
    }
    if io::stdin().is_terminal() {
        println!("paste a body, then press Enter and Ctrl+D");
    }
    let mut body = String::new();
    io::stdin().read_to_string(&mut body)?;
    if body.ends_with('\n') {
        body.pop();
    }
    Ok(body)
}

fn explain(text: &str, packet: &Packet) {
    let (kind, meaning) = match packet {
        Packet::Open(_) => ("open", "the server says how this connection will go"),
        Packet::Close => ("close", "this transport may be closed"),
        Packet::Ping(payload) if *payload == Packet::PROBE => {
            ("ping", "the client asks whether this WebSocket works")
        }
        Packet::Ping(_) => ("ping", "the server asks whether the client is still there"),
        Packet::Pong(payload) if *payload == Packet::PROBE => {
            ("pong", "the server answers that this WebSocket works")
        }
        Packet::Pong(_) => ("pong", "the client is still there"),
        Packet::Message(_) => ("message", "from the application"),
        Packet::Upgrade => {
            ("upgrade", "from now on the client says everything over this WebSocket")
        }
        Packet::Noop => ("noop", "nothing; it ends a GET that waits"),
    };
    row(&shortened(text), &format!("{kind}: {meaning}"));
    match packet {
        Packet::Open(handshake) => explain_handshake(handshake),
        Packet::Ping(payload) | Packet::Pong(payload) if !payload.is_empty() => {
            row("", &format!("payload: {payload}"));
        }
        Packet::Message(Message::Text(text)) => {
            row("", &format!("text: {text}"));
        }
        Packet::Message(Message::Binary(bytes)) => {
            let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            row("", &format!("bytes: {}", hex.join(" ")));
        }
        _ => {}
    }
}

fn explain_handshake(handshake: &Handshake) {
    let Handshake { sid, upgrades, ping_interval, ping_timeout, max_payload } = handshake;
    let upgrades: Vec<&str> = upgrades.iter().map(|transport| transport.name()).collect();
    let upgrades = if upgrades.is_empty() { "none".to_owned() } else { upgrades.join(", ") };
    let limit = max_payload.map_or("not said".to_owned(), |limit| format!("{limit} bytes"));
    row("", &format!("session: {sid} (a secret: whoever has it speaks for this client)"));
    row("", &format!("may change to: {upgrades}"));
    row("", &format!("a ping every {ping_interval:?}, an answer within {ping_timeout:?}"));
    row("", &format!("the longest body: {limit}"));
}

fn complain(text: &str, error: &PacketError) {
    row(&shortened(text), &format!("no packet: {error}"));
    let advice = match error {
        PacketError::Empty => {
            "a separator stands between packets: none before the first, none after the last"
        }
        PacketError::UnknownType { came: '{' | '[' | '"' } => {
            "this looks like JSON: is the type before it missing?"
        }
        PacketError::UnknownType { came: '7'..='9' } => {
            "Engine.IO v3 has a length before each packet, as in 96:0{…}: only v4 is spoken here"
        }
        _ => return,
    };
    row("", advice);
}

/// Some text on the left, what it is on the right.
fn row(text: &str, meaning: &str) {
    println!("{text:<24}{meaning}");
}

fn shortened(text: &str) -> String {
    const MOST: usize = 20;
    let visible = |character: char| if character.is_control() { '·' } else { character };
    let dots = if text.chars().nth(MOST).is_some() { " …" } else { "" };
    text.chars().take(MOST).map(visible).collect::<String>() + dots
}
