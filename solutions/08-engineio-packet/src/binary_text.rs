//! A binary message as text, for where only text can travel.
//!
//! # Format
//!
//! `b`, then the bytes in base64 with the alphabet of RFC 4648, section 4, padded: `bAQIDBA==`. The
//! `b` stands in the place of a packet's type; only a message can be binary.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;

use crate::PacketError;

/// Stands in the place of a type.
pub(crate) const MARK: char = 'b';

/// We write the padding; like the reference, we read with and without it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Appends the mark and the bytes.
pub(crate) fn write(bytes: &[u8], out: &mut String) {
    // ANCHOR: step_8_3
    out.push(MARK);
    BASE64.encode_string(bytes, out);
    // ANCHOR_END: step_8_3
}

/// Reads what follows the mark.
///
/// Line breaks are skipped: the official client for Java and Android writes one after every 76
/// characters, and one at the end.
pub(crate) fn read(text: &str) -> Result<Bytes, PacketError> {
    // ANCHOR: step_8_3_b
    let one_line: String = text.lines().collect();
    BASE64.decode(one_line).map(Bytes::from).map_err(PacketError::Base64)
    // ANCHOR_END: step_8_3_b
}

/// How long the mark and so many bytes are.
pub(crate) fn len(bytes: usize) -> usize {
    MARK.len_utf8() + bytes.div_ceil(3) * 4
}
