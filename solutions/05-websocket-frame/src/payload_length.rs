//! How long a payload is, in three forms (RFC 6455, section 5.2).
//!
//! # Format
//!
//! ```text
//! 0 to 125         │ length │
//! up to 65,535     │  126   │ length, 2 bytes │
//! up to 2^63 - 1   │  127   │ length, 8 bytes                                               │
//!                    7 bits   the highest byte first
//! ```
//!
//! A short message pays for no long length, and a frame may still be larger than any memory.

use crate::HeaderBytes;

/// The longest payload whose length fits in the first two bytes. No control frame has a longer one.
pub(crate) const MAX_SHORT: u8 = 125;

/// In the place of a length: it follows in two bytes.
pub(crate) const IN_TWO_BYTES: u8 = 126;

/// In the place of a length: it follows in eight bytes.
pub(crate) const IN_EIGHT_BYTES: u8 = 127;

/// The length that begins with these seven bits, and what follows it; `None` while `rest`, what came
/// after the first two bytes, does not hold all of it.
pub(crate) fn read_length(seven_bits: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    // ANCHOR: step_5_2
    match seven_bits {
        IN_TWO_BYTES => {
            let (length, rest) = rest.split_first_chunk()?;
            Some((u16::from_be_bytes(*length).into(), rest))
        }
        IN_EIGHT_BYTES => {
            let (length, rest) = rest.split_first_chunk()?;
            Some((u64::from_be_bytes(*length), rest))
        }
        length => Some((length.into(), rest)),
    }
    // ANCHOR_END: step_5_2
}

/// The seven bits for a length, and the bytes to follow the first two.
pub(crate) fn write_length(length: u64) -> (u8, HeaderBytes) {
    // ANCHOR: step_5_2_b
    if let Ok(short @ ..=MAX_SHORT) = u8::try_from(length) {
        (short, HeaderBytes::default())
    } else if let Ok(length) = u16::try_from(length) {
        (IN_TWO_BYTES, HeaderBytes::of(&length.to_be_bytes()))
    } else {
        (IN_EIGHT_BYTES, HeaderBytes::of(&length.to_be_bytes()))
    }
    // ANCHOR_END: step_5_2_b
}
