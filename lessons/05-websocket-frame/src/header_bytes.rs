use std::ops::Deref;

/// The bytes of a header, or the first of them: 14 at most, so that no allocation is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeaderBytes {
    /// Two more than there are: they are one number then.
    bytes: [u8; 16],
    len: u8,
}

impl HeaderBytes {
    /// Two bytes, eight of length and four of mask key.
    pub const MAX: usize = 14;

    /// As many of `bytes` as fit.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut header = Self::default();
        header.extend(bytes);
        header
    }

    /// Adds all of `more`, which fits. So few bytes are shifted into their place sooner than copied.
    pub(crate) fn append(&mut self, more: &Self) {
        let more_bytes = u128::from_le_bytes(more.bytes) << (u8::BITS * u32::from(self.len));
        self.bytes = (u128::from_le_bytes(self.bytes) | more_bytes).to_le_bytes();
        self.len += more.len;
    }

    /// Adds as many of `bytes` as fit.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let room = &mut self.bytes[usize::from(self.len)..Self::MAX];
        let count = room.len().min(bytes.len());
        room[..count].copy_from_slice(&bytes[..count]);
        self.len += count as u8; // at most 14
    }
}

impl Deref for HeaderBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}
