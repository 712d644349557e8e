use engineio_packet::EncodedMessage;
use rmp::encode::{write_map_len, write_str, write_uint};

use super::Elements;
use crate::{AckId, EncodeError, EncodedPacket, Namespace, Outgoing, ToArgs, payload::Payload};

/// Writes a packet.
pub(super) fn encode(packet: &Outgoing<'_>) -> Result<EncodedPacket, EncodeError> {
    match *packet {
        Outgoing::Connect { nsp, data } => with_data(0, nsp, data),
        Outgoing::Disconnect { nsp } => with_data(1, nsp, None),
        Outgoing::ConnectError { nsp, data } => with_data(4, nsp, Some(data)),
        Outgoing::Event { nsp, ack, name, args } => with_args(2, nsp, ack, Some(name), args),
        Outgoing::Ack { nsp, id, args } => with_args(3, nsp, Some(id), None, args),
    }
}

fn with_args(
    kind: u64,
    nsp: &Namespace,
    ack: Option<AckId>,
    name: Option<&str>,
    args: &dyn ToArgs,
) -> Result<EncodedPacket, EncodeError> {
    let mut elements = Elements::default();
    let mut payload = Payload::MsgPack(&mut elements);
    if let Some(name) = name {
        payload.push(&name)?;
    }
    args.to_args(&mut payload)?;
    let mut out = map(3 + u32::from(ack.is_some()), kind, nsp);
    key("data", &mut out);
    elements.append_to(&mut out);
    if let Some(AckId(id)) = ack {
        key("id", &mut out);
        write_uint(&mut out, id).expect("a Vec takes all");
    }
    Ok(message(out))
}

/// What belongs to a connect is a value, not an array of them.
fn with_data(
    kind: u64,
    nsp: &Namespace,
    data: Option<&dyn ToArgs>,
) -> Result<EncodedPacket, EncodeError> {
    let Some(data) = data else { return Ok(message(map(2, kind, nsp))) };
    let mut elements = Elements::default();
    data.to_args(&mut Payload::MsgPack(&mut elements))?;
    let mut out = map(3, kind, nsp);
    key("data", &mut out);
    elements.append_elements_to(&mut out);
    Ok(message(out))
}

/// The beginning of a packet.
fn map(fields: u32, kind: u64, nsp: &Namespace) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    write_map_len(&mut out, fields).expect("a Vec takes all");
    key("type", &mut out);
    write_uint(&mut out, kind).expect("a Vec takes all");
    key("nsp", &mut out);
    write_str(&mut out, nsp.as_str()).expect("a Vec takes all");
    out
}

fn key(name: &str, out: &mut Vec<u8>) {
    write_str(out, name).expect("a Vec takes all");
}

fn message(packet: Vec<u8>) -> EncodedPacket {
    EncodedPacket::new(EncodedMessage::from_bytes(packet.into()), Box::default())
}
