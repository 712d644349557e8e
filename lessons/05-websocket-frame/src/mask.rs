use std::fmt;

/// Four bytes that a client draws for each frame, and that the payload is combined with (RFC 6455,
/// section 5.3).
///
/// Byte `i` of the payload is XORed with byte `i` modulo 4 of the key. Doing it twice undoes it, so
/// masking and unmasking are the same.
///
/// The key stands in the frame: a mask hides nothing. It keeps a web page from choosing the bytes
/// that its browser sends (section 10.3), and for that it "needs to be unpredictable" (section 5.3).
/// It comes from the caller, who has a source of randomness fit for that.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MaskKey(pub [u8; 4]);

impl MaskKey {
    /// Masks or unmasks a piece of a payload in place; `offset` bytes of the payload came before it.
    pub fn apply(self, piece: &mut [u8], offset: u64) {
        // TODO step 5.3: Mask eight bytes at a time
        //
        // Byte `i` of a payload is XORed with byte `i` modulo 4 of the key. `apply` does this to a
        // piece of a payload, in place; `offset` bytes of the payload came before the piece, so the
        // piece may begin in the middle of the key. One byte at a time is right, and slow: take
        // eight at a time as one `u64`, then the rest. Then, in `encode`, append a whole frame to
        // `out`: the header, the payload, and if there is a key, mask what was just appended. `out`
        // may hold other frames already. (RFC 6455, section 5.3)
        //
        // Stuck? cargo course hint 5.3
        todo!("step 5.3: Mask eight bytes at a time (cargo course hint 5.3)")
    }
}

impl fmt::Debug for MaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaskKey({:08x})", u32::from_be_bytes(self.0))
    }
}
