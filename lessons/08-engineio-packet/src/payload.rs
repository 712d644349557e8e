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
    // TODO step 8.4: Several packets in one body
    //
    // A body carries all the packets that wait, with the separator between them, and none at either
    // end. `frame.append_to(&mut body)` appends one, bytes as base64. `Frames::next` takes the body
    // apart again: it gives what stands before the next separator, and keeps what stands after it.
    // Where there is no separator any more, it gives all that is left, and after that `None`.
    // Whether a piece is a packet is not asked here. The frames share the memory of the body.
    // (Engine.IO protocol, "Packet encoding", "HTTP long-polling")
    //
    // Stuck? cargo course hint 8.4
    todo!("step 8.4: Several packets in one body (cargo course hint 8.4)")
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
        // TODO step 8.4, continued: see `encode` in src/payload.rs
        todo!("step 8.4: Several packets in one body (cargo course hint 8.4)")
    }
}

impl FusedIterator for Frames {}
