use crate::Fault;

/// A text that arrives in pieces, each checked as it comes.
///
/// A piece may end in the middle of a code point, since frames cut a message and TCP cuts a frame
/// wherever they like. The bytes of such a code point, at most three, wait for the rest of it.
#[derive(Debug, Default)]
pub(crate) struct Text {
    text: String,
    cut: Vec<u8>,
}

impl Text {
    /// Adds a piece.
    ///
    /// # Errors
    ///
    /// [`Fault::NotUtf8`], at the first byte that makes UTF-8 impossible, whatever may follow it.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<(), Fault> {
        // TODO step 6.3: UTF-8 as it arrives
        //
        // Until now bytes that are no text become `�`, and so does a code point that was cut in
        // two. In `push_valid`, append what is UTF-8; refuse what can never become it with
        // `Fault::NotUtf8`, at once; and keep what is only the beginning of a code point in
        // `self.cut`. In `push`, first complete what was cut, with one byte of the piece after the
        // other, then take the rest. In `finish`, a code point that is still cut is a fault. (RFC
        // 6455, section 8.1; RFC 3629, section 3)
        //
        // Stuck? cargo course hint 6.3
        self.push_valid(piece)
    }

    /// Adds what is valid of `bytes`, and keeps the beginning of a code point at their end.
    fn push_valid(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        // TODO step 6.3, continued: see `Text::push` in src/text.rs
        {
            self.text.push_str(&String::from_utf8_lossy(bytes));
            Ok(())
        }
    }

    /// The text, now that nothing more comes.
    ///
    /// # Errors
    ///
    /// [`Fault::NotUtf8`] when its last code point is not complete.
    pub(crate) fn finish(self) -> Result<String, Fault> {
        // TODO step 6.3, continued: see `Text::push` in src/text.rs
        Ok(self.text)
    }

    /// In bytes.
    pub(crate) fn len(&self) -> usize {
        self.text.len() + self.cut.len()
    }
}
