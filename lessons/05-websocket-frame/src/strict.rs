//! What a header must not say. Each of these ends the connection with code 1002 (RFC 6455, section
//! 7.4.1): two ends that do not agree on where a frame ends, or on what it is, cannot go on.

use crate::payload_length::{IN_EIGHT_BYTES, IN_TWO_BYTES, MAX_SHORT};
use crate::{FirstBytes, FrameError, Opcode, Role};

/// Refuses bits that only an extension may set.
///
/// "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values." (section
/// 5.2) No extension is negotiated here.
pub(crate) fn refuse_reserved_bits(first: FirstBytes) -> Result<(), FrameError> {
    // TODO step 5.5: Refuse what a peer must not send
    //
    // Until now these five let everything through. `FrameHeader::decode` calls each of them as soon
    // as its bytes are here. `refuse_reserved_bits` wants the three bits to be 0.
    // `refuse_misused_control` wants a control frame to be final, and its length to be at most 125.
    // `refuse_wrong_mask` wants a mask if we are the server, and none if we are the client.
    // `refuse_longer_form` wants a length in two bytes to be more than 125, one in eight bytes to
    // be more than 65,535 and less than 2^63. `check_payload` refuses a payload longer than the
    // limit, before any of it is given out; as much as the limit is taken. The refusals are in
    // src/error.rs. (RFC 6455, sections 5.1, 5.2, 5.5 and 7.4.1)
    //
    // Stuck? cargo course hint 5.5
    Ok(())
}

/// Refuses a control frame that is long or in fragments: it has to pass between the frames of a
/// message, at once.
///
/// "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
/// (section 5.5)
pub(crate) fn refuse_misused_control(first: FirstBytes, opcode: Opcode) -> Result<(), FrameError> {
    // TODO step 5.5, continued: see `refuse_reserved_bits` in src/strict.rs
    Ok(())
}

/// Refuses a frame whose mask does not fit its sender; `role` is the receiver's.
///
/// "The server MUST close the connection upon receiving a frame that is not masked. […] A client
/// MUST close a connection if it detects a masked frame." (section 5.1)
pub(crate) fn refuse_wrong_mask(first: FirstBytes, role: Role) -> Result<(), FrameError> {
    // TODO step 5.5, continued: see `refuse_reserved_bits` in src/strict.rs
    Ok(())
}

/// Refuses a length in a longer form than it needs, and one that no frame may have.
///
/// "In all cases, the minimal number of bytes MUST be used to encode the length", and of eight bytes
/// "the most significant bit MUST be 0" (section 5.2).
pub(crate) fn refuse_longer_form(seven_bits: u8, length: u64) -> Result<(), FrameError> {
    // TODO step 5.5, continued: see `refuse_reserved_bits` in src/strict.rs
    Ok(())
}
