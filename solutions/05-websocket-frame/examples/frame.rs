//! Takes frames apart and says what each bit of a header means. They are given in hexadecimal, or as
//! lesson 04 prints them.
//!
//!     cargo run -p websocket-frame --example frame -- 8185 37fa213d 7f9f4d5158
//!     cargo run -p websocket-frame --example frame -- '\x81\x05hello'

use std::process::ExitCode;

use websocket_frame::{Config, FirstBytes, FrameError, FrameHeader, MaskKey, Opcode, Role};

fn main() -> ExitCode {
    let given: String = std::env::args().skip(1).collect();
    let bytes = if given.contains('\\') { from_escaped(&given) } else { from_hex(&given) };
    let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else {
        eprintln!(
            r"expected hexadecimal digits like 8105 68656c6c6f, or '\x81\x05hello', came {given:?}"
        );
        return ExitCode::FAILURE;
    };
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        match draw_frame(rest) {
            Ok(Some(after)) => rest = after,
            Ok(None) => {
                println!("the frame goes on, but no more bytes are here");
                return ExitCode::SUCCESS;
            }
            Err(error) => {
                println!("refused with {}: {error}", error.close_code());
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// Draws one frame and gives what follows it, or `None` when not all of it is here.
fn draw_frame(bytes: &[u8]) -> Result<Option<&[u8]>, FrameError> {
    let Some((first, rest)) = bytes.split_first_chunk() else { return Ok(None) };
    let first_bytes = FirstBytes::parse(*first);
    draw_first_bytes(*first, first_bytes);
    // Only a client masks, so the mask says who is to read this frame.
    let reader = if first_bytes.is_masked { Role::Server } else { Role::Client };
    let Some((header, len)) = FrameHeader::decode(bytes, &Config::new(reader))? else {
        return Ok(None);
    };
    let key_len = if header.mask.is_some() { 4 } else { 0 };
    let (length, rest) = rest.split_at(len - first.len() - key_len);
    if !length.is_empty() {
        row(length, &format!("{} bytes of payload", header.payload_len));
    }
    let payload_len = usize::try_from(header.payload_len).unwrap_or(usize::MAX);
    let Some((payload, rest)) = rest[key_len..].split_at_checked(payload_len) else {
        return Ok(None);
    };
    draw_payload(header.mask, payload);
    println!();
    Ok(Some(rest))
}

fn draw_first_bytes(bytes: [u8; 2], read: FirstBytes) {
    let FirstBytes { is_final, reserved, opcode, is_masked, length } = read;
    let last = if is_final { "the last frame of its message" } else { "more frames will follow" };
    let name = Opcode::from_bits(opcode).map_or("unknown".to_owned(), |name| name.to_string());
    let sender =
        if is_masked { "masked: a client sent it" } else { "not masked: a server sent it" };
    let form = match length {
        126 => "the length follows, in 2 bytes".to_owned(),
        127 => "the length follows, in 8 bytes".to_owned(),
        short => format!("{short} bytes of payload"),
    };
    row(&bytes, &format!("{}······· ········  {last}", u8::from(is_final)));
    row(&[], &format!("·{reserved:03b}···· ········  reserved"));
    row(&[], &format!("····{opcode:04b} ········  opcode: {name}"));
    row(&[], &format!("········ {}·······  {sender}", u8::from(is_masked)));
    row(&[], &format!("········ ·{length:07b}  {form}"));
}

fn draw_payload(mask: Option<MaskKey>, payload: &[u8]) {
    let mut payload = payload.to_vec();
    if let Some(key) = mask {
        row(&key.0, "mask key");
        row(&payload, "payload, masked");
        key.apply(&mut payload, 0);
    }
    let shown = str::from_utf8(&payload).map_or_else(
        |_| payload.escape_ascii().to_string(),
        |text| text.escape_debug().to_string(),
    );
    row(&payload, &format!("payload: {shown}"));
}

/// Some bytes on the left, what they are on the right.
fn row(bytes: &[u8], meaning: &str) {
    const MOST: usize = 8;
    let hex: Vec<String> = bytes.iter().take(MOST).map(|byte| format!("{byte:02x}")).collect();
    let dots = if bytes.len() > MOST { " …" } else { "" };
    println!("{:26}{meaning}", hex.join(" ") + dots);
}

fn from_hex(given: &str) -> Option<Vec<u8>> {
    let digits = given.chars().filter(|digit| *digit != ' ').map(|digit| digit.to_digit(16));
    let digits = digits.collect::<Option<Vec<u32>>>()?;
    let (pairs, odd) = digits.as_chunks();
    let byte = |[high, low]: &[u32; 2]| (high * 16 + low) as u8;
    odd.is_empty().then(|| pairs.iter().map(byte).collect())
}

/// The inverse of `<[u8]>::escape_ascii`, which writes ASCII alone: an arrow is no part of it.
fn from_escaped(given: &str) -> Option<Vec<u8>> {
    if !given.is_ascii() {
        return None;
    }
    let mut bytes = Vec::new();
    let mut rest = given;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        bytes.extend_from_slice(plain.as_bytes());
        let len = if escaped.starts_with('x') { 3 } else { 1 };
        let (code, after) = escaped.split_at_checked(len)?;
        match code {
            "n" => bytes.push(b'\n'),
            "r" => bytes.push(b'\r'),
            "t" => bytes.push(b'\t'),
            "\\" | "'" | "\"" => bytes.extend_from_slice(code.as_bytes()),
            hex => bytes.extend(from_hex(hex.strip_prefix('x')?)?),
        }
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    Some(bytes)
}
