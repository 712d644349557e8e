use rmp::{Marker, decode::read_marker};

/// How deep arrays and maps may stand in each other: as in serde_json. rmp_serde's own limit, 1024, is more
/// than the stack of a thread holds.
const MAX_DEPTH: u8 = 128;

/// Takes a value off the front that nobody reads yet, if all peers can read it.
///
/// rmp_serde would let a text pass that is no UTF-8. npm's parser throws there in a browser:
/// sent on, it would disconnect everyone who gets it.
pub(super) fn take_value<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let all = *rest;
    skip(rest, MAX_DEPTH)?;
    Ok(&all[..all.len() - rest.len()])
}

fn skip(rest: &mut &[u8], depth: u8) -> Result<(), String> {
    let depth = depth.checked_sub(1).ok_or_else(|| format!("values {MAX_DEPTH} deep"))?;
    match read_marker(rest).map_err(|_| cut_off())? {
        Marker::Null | Marker::False | Marker::True => Ok(()),
        Marker::FixPos(_) | Marker::FixNeg(_) => Ok(()),
        Marker::U8 | Marker::I8 => skip_bytes(rest, 1),
        Marker::U16 | Marker::I16 => skip_bytes(rest, 2),
        Marker::U32 | Marker::I32 | Marker::F32 => skip_bytes(rest, 4),
        Marker::U64 | Marker::I64 | Marker::F64 => skip_bytes(rest, 8),
        Marker::FixStr(len) => skip_text(rest, len.into()),
        Marker::Str8 => take_length(rest, 1).and_then(|len| skip_text(rest, len)),
        Marker::Str16 => take_length(rest, 2).and_then(|len| skip_text(rest, len)),
        Marker::Str32 => take_length(rest, 4).and_then(|len| skip_text(rest, len)),
        Marker::Bin8 => take_length(rest, 1).and_then(|len| skip_bytes(rest, len)),
        Marker::Bin16 => take_length(rest, 2).and_then(|len| skip_bytes(rest, len)),
        Marker::Bin32 => take_length(rest, 4).and_then(|len| skip_bytes(rest, len)),
        Marker::FixArray(len) => skip_all(rest, len.into(), depth),
        Marker::Array16 => take_length(rest, 2).and_then(|len| skip_all(rest, len, depth)),
        Marker::Array32 => take_length(rest, 4).and_then(|len| skip_all(rest, len, depth)),
        Marker::FixMap(len) => skip_all(rest, 2 * u64::from(len), depth),
        Marker::Map16 => take_length(rest, 2).and_then(|len| skip_all(rest, 2 * len, depth)),
        Marker::Map32 => take_length(rest, 4).and_then(|len| skip_all(rest, 2 * len, depth)),
        // An extension's type stands before its bytes.
        Marker::FixExt1 => skip_bytes(rest, 1 + 1),
        Marker::FixExt2 => skip_bytes(rest, 1 + 2),
        Marker::FixExt4 => skip_bytes(rest, 1 + 4),
        Marker::FixExt8 => skip_bytes(rest, 1 + 8),
        Marker::FixExt16 => skip_bytes(rest, 1 + 16),
        Marker::Ext8 => take_length(rest, 1).and_then(|len| skip_bytes(rest, 1 + len)),
        Marker::Ext16 => take_length(rest, 2).and_then(|len| skip_bytes(rest, 1 + len)),
        Marker::Ext32 => take_length(rest, 4).and_then(|len| skip_bytes(rest, 1 + len)),
        Marker::Reserved => Err("the marker 0xc1, which has no meaning".to_owned()),
    }
}

/// Arrays hold as many values as they say, maps twice as many.
fn skip_all(rest: &mut &[u8], count: u64, depth: u8) -> Result<(), String> {
    (0..count).try_for_each(|_| skip(rest, depth))
}

fn skip_text(rest: &mut &[u8], len: u64) -> Result<(), String> {
    let text = take_bytes(rest, len)?;
    std::str::from_utf8(text).map(|_| ()).map_err(|error| format!("a text that is none: {error}"))
}

fn skip_bytes(rest: &mut &[u8], len: u64) -> Result<(), String> {
    take_bytes(rest, len).map(|_| ())
}

fn take_length(rest: &mut &[u8], width: u64) -> Result<u64, String> {
    let digits = take_bytes(rest, width)?;
    Ok(digits.iter().fold(0, |length, digit| length << 8 | u64::from(*digit)))
}

fn take_bytes<'a>(rest: &mut &'a [u8], len: u64) -> Result<&'a [u8], String> {
    let len = usize::try_from(len).map_err(|_| cut_off())?;
    rest.split_off(..len).ok_or_else(cut_off)
}

fn cut_off() -> String {
    "a value without its end".to_owned()
}
