use crate::{FrameHeader, MaskKey, Opcode};

/// A frame to be sent.
///
/// It is written as it is: that a control frame is short and whole, and that fragments come in
/// order, is up to whoever speaks the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Whether this frame is the last one of its message.
    pub is_final: bool,
    /// What kind of frame it is.
    pub opcode: Opcode,
    /// What it carries, not masked.
    pub payload: &'a [u8],
}

impl Frame<'_> {
    /// Appends the frame to `out`. A client masks each frame with a key of its own; a server masks
    /// none.
    ///
    /// The payload is copied once, and masked where it lies then.
    pub fn encode(&self, mask: Option<MaskKey>, out: &mut Vec<u8>) {
        // TODO step 5.3, continued: see `MaskKey::apply` in src/mask.rs
        todo!("step 5.3: Mask eight bytes at a time (cargo course hint 5.3)")
    }

    /// What stands before the payload.
    #[must_use]
    pub fn header(&self, mask: Option<MaskKey>) -> FrameHeader {
        FrameHeader {
            is_final: self.is_final,
            opcode: self.opcode,
            mask,
            payload_len: self.payload.len() as u64,
        }
    }
}
