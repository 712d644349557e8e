//! Several packets in one HTTP body.
//!
//! # Format
//!
//! Packets, joined by the character `0x1e` (record separator), which JSON never holds unescaped. A
//! body is text, so a binary message is `b` and base64: `4hello␞bAQID`.

use bytestring::ByteString;

use crate::Frame;

/// Stands between two packets.
pub const SEPARATOR: char = '\u{1e}';

/// The body that carries these frames.
#[must_use]
pub fn encode(frames: &[Frame]) -> String {
    // ANCHOR: step_8_3
    let mut body = String::with_capacity(frames.iter().map(|frame| frame.text_len() + 1).sum());
    for (index, frame) in frames.iter().enumerate() {
        if index > 0 {
            body.push(SEPARATOR);
        }
        body.push_str(&frame.to_text());
    }
    body
    // ANCHOR_END: step_8_3
}

/// Takes a body apart. The frames share the body's bytes.
///
/// Whether a piece is a packet is for [`Packet::decode`](crate::Packet::decode) to say, one by one:
/// what came before a bad one came all the same.
#[must_use]
pub fn decode(body: &ByteString) -> Vec<Frame> {
    // ANCHOR: step_8_3_b
    body.split(SEPARATOR).map(|piece| Frame::Text(body.slice_ref(piece))).collect()
    // ANCHOR_END: step_8_3_b
}
