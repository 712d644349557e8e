//! Several packets in one HTTP body.
//!
//! # Format
//!
//! Packets, joined by the character `0x1e` (record separator): `4hello␞bAQID`. A body is text, so a
//! binary message is `b` and base64.
//!
//! Nothing escapes the separator. Whoever sends a text that holds one sends two packets, and the
//! second may be any packet; so texts that others wrote travel as JSON, where it is `\u001e`, or as
//! bytes.

use std::iter::FusedIterator;

use bytestring::ByteString;

use crate::Frame;

/// Stands between two packets.
pub const SEPARATOR: char = '\u{1e}';

/// The body that carries these frames.
#[must_use]
pub fn encode(frames: &[Frame]) -> String {
    // ANCHOR: step_8_4
    let mut body = String::with_capacity(frames.iter().map(|frame| frame.text_len() + 1).sum());
    for (index, frame) in frames.iter().enumerate() {
        if index > 0 {
            body.push(SEPARATOR);
        }
        frame.append_to(&mut body);
    }
    body
    // ANCHOR_END: step_8_4
}

/// Takes a body apart, frame by frame: however many there are, memory holds one. The frames share the
/// body's bytes.
///
/// Whether a piece is a packet is for [`Packet::decode`](crate::Packet::decode) to say, one by one:
/// what came before a bad one came all the same. There is always one piece: that of an empty body is
/// empty, and no packet.
#[must_use]
pub fn decode(body: &ByteString) -> Frames {
    Frames { rest: Some(body.clone()) }
}

/// The frames of a body, one after the other.
#[derive(Clone, Debug)]
pub struct Frames {
    /// What was not given out yet; after the last frame, nothing.
    rest: Option<ByteString>,
}

impl Iterator for Frames {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        // ANCHOR: step_8_4_b
        let rest = self.rest.take()?;
        match rest.split_once(SEPARATOR) {
            Some((piece, after)) => {
                self.rest = Some(rest.slice_ref(after));
                Some(Frame::Text(rest.slice_ref(piece)))
            }
            None => Some(Frame::Text(rest)),
        }
        // ANCHOR_END: step_8_4_b
    }
}

impl FusedIterator for Frames {}
