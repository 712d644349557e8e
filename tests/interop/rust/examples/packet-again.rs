//! Says again what it hears, so that what was understood can be seen from outside. Each line of the
//! input is a packet as a JSON array of its messages, as Engine.IO writes them in text; each line of the output
//! is one, too, or why there is none, as a JSON object.
//!
//! Arguments are passed on unread, but for an event named `typed`: its arguments are read, and written
//! anew. The argument `msgpack` chooses the other parser.

use std::error::Error;
use std::io;

use engineio_packet::{Frame, Packet as EngineIo};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use socketio_packet::{
    Args, Bytes, EncodedPacket, Json, MsgPack, Outgoing, Packet, Parser, Reassembly,
};

/// What the other end calls `{ name, data, all: { a, b }, few: [], one: undefined or bytes }`.
#[derive(Serialize, Deserialize)]
struct Typed {
    name: String,
    data: Bytes,
    all: All,
    few: Vec<Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one: Option<Bytes>,
}

#[derive(Serialize, Deserialize)]
struct All {
    a: Bytes,
    b: (bool, i64, f64, Option<u8>),
}

fn main() -> Result<(), Box<dyn Error>> {
    let parser: &dyn Parser = match std::env::args().nth(1).as_deref() {
        Some("msgpack") => &MsgPack,
        _ => &Json::default(),
    };
    for line in io::stdin().lines() {
        let messages: Vec<String> = serde_json::from_str(&line?)?;
        match again(parser, messages) {
            Ok(messages) => println!("{}", json!(messages)),
            Err(error) => println!("{}", json!({ "error": error.to_string() })),
        }
    }
    Ok(())
}

fn again(parser: &dyn Parser, messages: Vec<String>) -> Result<Vec<String>, Box<dyn Error>> {
    let mut reassembly = Reassembly::default();
    let mut came = None;
    for message in messages {
        let EngineIo::Message(message) = EngineIo::decode(Frame::Text(message.into()))? else {
            return Err("expected a message of Engine.IO, came another packet".into());
        };
        came = parser.decode(message, &mut reassembly)?;
    }
    let packet = encode(parser, came.ok_or("expected a packet, came a part of one")?)?;
    Ok(packet.encoded_messages().map(|message| message.frame().to_text().to_string()).collect())
}

fn encode(parser: &dyn Parser, packet: Packet) -> Result<EncodedPacket, Box<dyn Error>> {
    Ok(match packet {
        Packet::Connect { nsp, data: None } => {
            parser.encode(&Outgoing::Connect { nsp: &nsp, data: None })?
        }
        Packet::Connect { nsp, data: Some(data) } => {
            let data: Value = data.decode()?;
            parser.encode(&Outgoing::Connect { nsp: &nsp, data: Some(&data) })?
        }
        Packet::Disconnect { nsp } => parser.encode(&Outgoing::Disconnect { nsp: &nsp })?,
        Packet::Event { nsp, ack, name, args } if name == "typed" => {
            let args: Args<(String, Typed)> = args.decode()?;
            EncodedPacket::event(parser, &nsp, ack, &name, args)?
        }
        Packet::Event { nsp, ack, name, args } => {
            EncodedPacket::event(parser, &nsp, ack, &name, args)?
        }
        Packet::Ack { nsp, id, args } => EncodedPacket::ack(parser, &nsp, id, args)?,
        Packet::ConnectError { nsp, data } => {
            let data: Value = data.decode()?;
            parser.encode(&Outgoing::ConnectError { nsp: &nsp, data: &data })?
        }
    })
}
