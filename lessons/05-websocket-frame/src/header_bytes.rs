use std::ops::Deref;

/// The bytes of a header, or the first of them: 14 at most, so that no allocation is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeaderBytes {
    bytes: [u8; Self::MAX],
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

    /// Adds as many of `bytes` as fit.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let room = &mut self.bytes[usize::from(self.len)..];
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
