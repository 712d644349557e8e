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
    // TODO step 5.2: A length in three forms
    //
    // Seven bits hold a length up to 125. The values 126 and 127 are no lengths: they say that the
    // length follows, in two or in eight bytes, the highest byte first. `read_length` gets the
    // seven bits and what came after the first two bytes. It gives the length and what follows it,
    // or `None` while some bytes of the length are missing. `write_length` goes the other way, in
    // the shortest form: the seven bits, and the bytes that follow (none, two or eight). What a
    // length must not be is for step 5.5. (RFC 6455, section 5.2)
    //
    // Stuck? cargo course hint 5.2
    todo!("step 5.2: A length in three forms (cargo course hint 5.2)")
}

/// The seven bits for a length, and the bytes to follow the first two.
pub(crate) fn write_length(length: u64) -> (u8, HeaderBytes) {
    // TODO step 5.2, continued: see `read_length` in src/payload_length.rs
    todo!("step 5.2: A length in three forms (cargo course hint 5.2)")
}
