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
        // ANCHOR: step_5_3
        let mut key = self.0;
        key.rotate_left((offset % 4) as usize);
        let [a, b, c, d] = key;
        let word = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
        let (chunks, rest) = piece.as_chunks_mut();
        for chunk in chunks {
            *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(word.to_ne_bytes()) {
            *byte ^= key;
        }
        // ANCHOR_END: step_5_3
    }
}

impl fmt::Debug for MaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaskKey({:08x})", u32::from_be_bytes(self.0))
    }
}
