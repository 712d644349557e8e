/// What came behind news that the application has not fetched yet.
///
/// It is read only when the application asks for more. Otherwise a close or a fault in the same piece
/// would end the connection before the application could answer what came before it, and whether it
/// can would depend on how TCP cut the bytes.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    bytes: Vec<u8>,
    /// How many of the bytes were read.
    read: usize,
}

impl Unread {
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn rest(&mut self) -> &mut [u8] {
        &mut self.bytes[self.read..]
    }

    /// All but the last `count` bytes are read. With the last one, the memory is given back.
    pub(crate) fn keep(&mut self, count: usize) {
        self.read = self.bytes.len() - count;
        if count == 0 {
            *self = Self::default();
        }
    }
}
