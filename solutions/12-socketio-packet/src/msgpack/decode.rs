use engineio_packet::{ByteString, Bytes};
use rmp::Marker;
use rmp::decode::{read_array_len, read_map_len};
use rmp_serde::Deserializer;
use rmp_serde::decode::Error;
use serde::{
    Deserializer as _,
    de::{DeserializeOwned, Visitor},
};
use serde_json::Value;

use super::take::take_value;
use crate::{
    AckId, ArgsError, DecodeError, Namespace, Packet, RawArgs, RawData, packet::refuse_reserved,
    raw_args::Raw,
};

/// How JavaScript's `undefined` is written there: a key may be present and say nothing.
const UNDEFINED: [u8; 3] = [0xd4, 0, 0];

/// The fields of a packet, each still as it came.
#[derive(Default)]
struct Fields {
    kind: Option<Bytes>,
    nsp: Option<Bytes>,
    data: Option<Bytes>,
    id: Option<Bytes>,
}

/// Reads a packet.
pub(super) fn decode(packet: &Bytes) -> Result<Packet, DecodeError> {
    let fields = Fields::read(packet).map_err(wrong)?;
    let kind: u8 = field(fields.kind.as_ref(), "type")?;
    let nsp: String = field(fields.nsp.as_ref(), "nsp")?;
    let id = fields.id.as_ref().map(|_| field(fields.id.as_ref(), "id")).transpose()?.map(AckId);
    let nsp = Namespace::new(&nsp);
    let data = fields.data;
    let first = data.as_ref().map(|data| Marker::from_u8(data[0]));
    match (kind, data) {
        (0, None) => Ok(Packet::Connect { nsp, data: None }),
        (0, Some(data)) if is_map(first) => {
            Ok(Packet::Connect { nsp, data: Some(RawData(Raw::MsgPack(data))) })
        }
        (1, None) => Ok(Packet::Disconnect { nsp }),
        (2, Some(array)) => {
            let name = read_name(&array).ok_or_else(|| wrong("an event without a name"))?;
            refuse_reserved(&name)?;
            Ok(Packet::Event { nsp, ack: id, name, args: raw(array, 1) })
        }
        (3, Some(array)) if is_array(first) => {
            let id = id.ok_or_else(|| wrong("an acknowledgement without an id"))?;
            Ok(Packet::Ack { nsp, id, args: raw(array, 0) })
        }
        (4, Some(data)) if is_map(first) || is_text(first) => {
            Ok(Packet::ConnectError { nsp, data: RawData(Raw::MsgPack(data)) })
        }
        (0..=4, _) => Err(wrong(format!("type {kind} with other data than belongs to it"))),
        _ => Err(wrong(format!("the unknown type {kind}"))),
    }
}

impl Fields {
    fn read(packet: &Bytes) -> Result<Self, String> {
        let mut fields = Self::default();
        let mut rest = &packet[..];
        let count = read_map_len(&mut rest).map_err(|error| error.to_string())?;
        for _ in 0..count {
            let key = rmp_serde::from_slice(take_value(&mut rest)?);
            let value = packet.slice_ref(take_value(&mut rest)?);
            let value = (*value != UNDEFINED).then_some(value);
            match key.map_err(|error| error.to_string())? {
                "type" => fields.kind = value,
                "nsp" => fields.nsp = value,
                "data" => fields.data = value,
                "id" => fields.id = value,
                _ => {} // `options`, which the reference sends along
            }
        }
        match rest.len() {
            0 => Ok(fields),
            more => Err(format!("{more} bytes behind the packet")),
        }
    }
}

fn field<T: DeserializeOwned>(value: Option<&Bytes>, name: &str) -> Result<T, DecodeError> {
    let value = value.ok_or_else(|| wrong(format!("no {name}")))?;
    rmp_serde::from_slice(value).map_err(|error| wrong(format!("another {name}: {error}")))
}

fn wrong(problem: impl Into<String>) -> DecodeError {
    DecodeError::NotMsgPack { problem: problem.into() }
}

fn raw(array: Bytes, skip: usize) -> RawArgs {
    RawArgs::behind(Raw::MsgPack(array), skip)
}

/// The first element, if it can be an event's name: a string, or a number.
fn read_name(mut array: &[u8]) -> Option<ByteString> {
    if read_array_len(&mut array).ok()? == 0 {
        return None;
    }
    match rmp_serde::from_slice(array).ok()? {
        Value::String(name) => Some(name.into()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

fn is_map(first: Option<Marker>) -> bool {
    matches!(first, Some(Marker::FixMap(_) | Marker::Map16 | Marker::Map32))
}

fn is_array(first: Option<Marker>) -> bool {
    matches!(first, Some(Marker::FixArray(_) | Marker::Array16 | Marker::Array32))
}

fn is_text(first: Option<Marker>) -> bool {
    matches!(first, Some(Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32))
}

/// Reads an array of arguments.
pub(crate) fn read_args<V: for<'de> Visitor<'de, Value = T>, T>(
    array: &[u8],
    visitor: impl Fn() -> V,
) -> Result<T, ArgsError> {
    read(
        array,
        |array| Deserializer::from_read_ref(array).with_human_readable().deserialize_seq(visitor()),
        |value| value.deserialize_seq(visitor()).err(),
    )
}

/// Reads one value.
pub(crate) fn read_value<T: DeserializeOwned>(value: &[u8]) -> Result<T, ArgsError> {
    read(
        value,
        |value| T::deserialize(&mut Deserializer::from_read_ref(value).with_human_readable()),
        |value| T::deserialize(value).err(),
    )
}

/// Reads what came; and if no type can be that, with null for each `undefined` in it.
fn read<T>(
    came: &[u8],
    read: impl Fn(&[u8]) -> Result<T, Error>,
    read_json: impl FnOnce(Value) -> Option<serde_json::Error>,
) -> Result<T, ArgsError> {
    read(came).or_else(|error| match null_for_undefined(came) {
        Some(came) => read(&came).map_err(|error| other_type(&error, &came, read_json)),
        None => Err(other_type(&error, came, read_json)),
    })
}

/// The same without JavaScript's `undefined`, for which serde has no word, if there is one in it.
fn null_for_undefined(value: &[u8]) -> Option<Vec<u8>> {
    let mut written = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(first) = rest.first() {
        let before = rest;
        match Some(Marker::from_u8(*first)) {
            // Only how long they are: what is in them follows.
            first if is_array(first) => drop(read_array_len(&mut rest).ok()?),
            first if is_map(first) => drop(read_map_len(&mut rest).ok()?),
            _ => drop(take_value(&mut rest).ok()?),
        }
        match &before[..before.len() - rest.len()] {
            part if part == UNDEFINED => written.push(Marker::Null.to_u8()),
            part => written.extend_from_slice(part),
        }
    }
    (written.len() < value.len()).then_some(written)
}

/// All of a packet was read when it came, so it is MessagePack. Where another type came, rmp_serde says
/// neither which nor what was expected, and serde_json does: it reads the same again, if it can hold it.
fn other_type(
    error: &Error,
    came: &[u8],
    read_json: impl FnOnce(Value) -> Option<serde_json::Error>,
) -> ArgsError {
    let Error::TypeMismatch(marker) = error else {
        return ArgsError::OtherType { problem: error.to_string() };
    };
    let problem = rmp_serde::from_slice(came).ok().and_then(read_json);
    let problem = problem.map(|problem| problem.to_string());
    ArgsError::OtherType {
        problem: problem.unwrap_or_else(|| format!("expected another type, came {marker:?}")),
    }
}
