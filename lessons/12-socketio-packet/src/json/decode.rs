use std::borrow::Cow;

use engineio_packet::ByteString;
use serde::de::IgnoredAny;

use super::{
    header::{Header, Kind},
    name::{SPACE, read_name},
    placeholder,
};
use crate::{
    AckId, DecodeError, Namespace, Packet, RawArgs, RawData, Reassembly, packet::refuse_reserved,
    raw_args::Raw,
};

/// Reads a text. `None` if attachments belong to it.
pub(super) fn decode(
    text: &ByteString,
    max_attachments: usize,
    reassembly: &mut Reassembly,
) -> Result<Option<Packet>, DecodeError> {
    reassembly.refuse_text()?;
    let (header, payload) = Header::parse(text, max_attachments)?;
    let attachments = header.attachments;
    let packet = packet(header, text, payload)?;
    if attachments == 0 {
        return Ok(Some(packet));
    }
    placeholder::refuse_lost(&without_halves(payload), attachments)
        .map_err(|error| DecodeError::Placeholder { problem: error.to_string() })?;
    reassembly.begin(packet, attachments);
    Ok(None)
}

/// JavaScript cuts a text anywhere, and writes half of an emoji as `\ud83d`. That is JSON, but no text of
/// Rust's. Here any character does in its place, but for those in the keys of a placeholder.
fn without_halves(json: &str) -> Cow<'_, str> {
    if json.contains(r"\u") {
        Cow::Owned(json.replace(r"\ud", r"\u1").replace(r"\uD", r"\u1"))
    } else {
        Cow::Borrowed(json)
    }
}

fn packet(header: Header, text: &ByteString, payload: &str) -> Result<Packet, DecodeError> {
    let Header { kind, nsp, ack, .. } = header;
    let wrong = |expected| DecodeError::Payload {
        kind: kind.digit(),
        expected,
        came: payload.chars().take(60).collect(),
    };
    match kind {
        Kind::Connect if payload.is_empty() => Ok(Packet::Connect { nsp, data: None }),
        Kind::Connect => {
            let data =
                read_data(text, payload, "{").ok_or_else(|| wrong("an object, or nothing"))?;
            Ok(Packet::Connect { nsp, data: Some(data) })
        }
        Kind::Disconnect if payload.is_empty() => Ok(Packet::Disconnect { nsp }),
        Kind::Disconnect => Err(wrong("nothing")),
        Kind::Event | Kind::BinaryEvent => {
            let array = read_array(text, payload);
            let name = array.as_ref().and_then(read_name);
            let (Some(array), Some(name)) = (array, name) else {
                return Err(wrong("an array that begins with a name"));
            };
            event(nsp, ack, name, array)
        }
        Kind::Ack | Kind::BinaryAck => {
            let id = ack.ok_or(DecodeError::NoAckId { kind: kind.digit() })?;
            let array = read_array(text, payload).ok_or_else(|| wrong("an array"))?;
            Ok(Packet::Ack { nsp, id, args: raw(array, 0) })
        }
        Kind::ConnectError => {
            let data =
                read_data(text, payload, "{\"").ok_or_else(|| wrong("an object or a string"))?;
            Ok(Packet::ConnectError { nsp, data })
        }
    }
}

fn event(
    nsp: Namespace,
    ack: Option<AckId>,
    name: ByteString,
    array: ByteString,
) -> Result<Packet, DecodeError> {
    refuse_reserved(&name)?;
    Ok(Packet::Event { nsp, ack, name, args: raw(array, 1) })
}

fn raw(array: ByteString, skip: usize) -> RawArgs {
    RawArgs::behind(Raw::Json(array), skip)
}

/// What begins and ends like an array. What is in between is read when its type is known.
fn read_array(text: &ByteString, payload: &str) -> Option<ByteString> {
    let array = payload.trim_end_matches(SPACE);
    let is_array = array.starts_with('[') && array.ends_with(']');
    is_array.then(|| text.slice_ref(array))
}

/// JSON that begins with one of these characters. It comes once in a connection: it is read at once.
fn read_data(text: &ByteString, payload: &str, first: &str) -> Option<RawData> {
    let is_json = payload.starts_with(|c| first.contains(c))
        && serde_json::from_str::<IgnoredAny>(payload).is_ok();
    is_json.then(|| RawData(Raw::Json(text.slice_ref(payload))))
}
