//! Answers payloads, so that what was understood can be seen from outside: a text comes back as
//! bytes, bytes as a text, a ping as a pong. Each line of the input is a body as a JSON string, each line
//! of the output is one, too, or why there is none, as a JSON object.

use std::error::Error;
use std::io;

use engineio_packet::{ByteString, Message, Packet, PacketError, payload};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lines() {
        let body: String = serde_json::from_str(&line?)?;
        match answer(&body.into()) {
            Ok(body) => println!("{}", json!(body)),
            Err(error) => println!("{}", json!({ "error": error.to_string() })),
        }
    }
    Ok(())
}

fn answer(body: &ByteString) -> Result<String, PacketError> {
    let swapped = payload::decode(body)
        .map(|frame| Packet::decode(frame).map(|packet| swap(packet).encode()));
    Ok(payload::encode(&swapped.collect::<Result<Vec<_>, _>>()?))
}

fn swap(packet: Packet) -> Packet {
    match packet {
        Packet::Ping(payload) => Packet::Pong(payload),
        Packet::Pong(payload) => Packet::Ping(payload),
        Packet::Message(Message::Text(text)) => Packet::Message(Message::Binary(text.into_bytes())),
        Packet::Message(Message::Binary(bytes)) => {
            // Here bytes that are no text stay bytes.
            Packet::Message(ByteString::try_from(bytes.clone()).map_or(bytes.into(), Message::Text))
        }
        other => other,
    }
}
