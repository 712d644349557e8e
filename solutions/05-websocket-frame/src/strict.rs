//! What a header must not say. Each of these ends the connection with code 1002 (RFC 6455, section
//! 7.4.1): two ends that do not agree on where a frame ends, or on what it is, cannot go on.

use crate::payload_length::{IN_EIGHT_BYTES, IN_TWO_BYTES, MAX_SHORT};
use crate::{FirstBytes, FrameError, Opcode, Role};

/// Refuses bits that only an extension may set.
///
/// "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values." (section
/// 5.2) No extension is negotiated here.
pub(crate) fn refuse_reserved_bits(first: FirstBytes) -> Result<(), FrameError> {
    // ANCHOR: step_5_5
    if first.reserved != 0 {
        return Err(FrameError::ReservedBits { came: first.reserved });
    }
    Ok(())
    // ANCHOR_END: step_5_5
}

/// Refuses a control frame that is long or in fragments: it has to pass between the frames of a
/// message, at once.
///
/// "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
/// (section 5.5)
pub(crate) fn refuse_misused_control(first: FirstBytes, opcode: Opcode) -> Result<(), FrameError> {
    // ANCHOR: step_5_5_b
    if opcode.is_control() && !first.is_final {
        return Err(FrameError::FragmentedControl { opcode });
    }
    if opcode.is_control() && first.length > MAX_SHORT {
        return Err(FrameError::LongControl { opcode });
    }
    Ok(())
    // ANCHOR_END: step_5_5_b
}

/// Refuses a frame whose mask does not fit its sender; `role` is the receiver's.
///
/// "The server MUST close the connection upon receiving a frame that is not masked. […] A client
/// MUST close a connection if it detects a masked frame." (section 5.1)
pub(crate) fn refuse_wrong_mask(first: FirstBytes, role: Role) -> Result<(), FrameError> {
    // ANCHOR: step_5_5_c
    match (role, first.is_masked) {
        (Role::Server, false) => Err(FrameError::NotMasked),
        (Role::Client, true) => Err(FrameError::Masked),
        (Role::Server, true) | (Role::Client, false) => Ok(()),
    }
    // ANCHOR_END: step_5_5_c
}

/// Refuses a length in a longer form than it needs, and one that no frame may have.
///
/// "In all cases, the minimal number of bytes MUST be used to encode the length", and of eight bytes
/// "the most significant bit MUST be 0" (section 5.2).
pub(crate) fn refuse_longer_form(seven_bits: u8, length: u64) -> Result<(), FrameError> {
    // ANCHOR: step_5_5_d
    match seven_bits {
        IN_TWO_BYTES if length <= MAX_SHORT.into() => {
            Err(FrameError::LongerForm { bytes: 2, length })
        }
        IN_EIGHT_BYTES if length <= u16::MAX.into() => {
            Err(FrameError::LongerForm { bytes: 8, length })
        }
        IN_EIGHT_BYTES if length >> 63 != 0 => Err(FrameError::ImpossibleLength { came: length }),
        _ => Ok(()),
    }
    // ANCHOR_END: step_5_5_d
}
