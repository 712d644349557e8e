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
        // ANCHOR: step_6_3
        let mut rest = piece;
        while !self.cut.is_empty()
            && let Some((byte, after)) = rest.split_first()
        {
            rest = after;
            self.cut.push(*byte);
            let begun = std::mem::take(&mut self.cut);
            self.push_valid(&begun)?;
        }
        self.push_valid(rest)
        // ANCHOR_END: step_6_3
    }

    /// Adds what is valid of `bytes`, and keeps the beginning of a code point at their end.
    fn push_valid(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        // ANCHOR: step_6_3_b
        let valid = match str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if error.error_len().is_some() => return Err(Fault::NotUtf8),
            Err(error) => {
                let (valid, cut) = bytes.split_at(error.valid_up_to());
                self.cut = cut.to_vec();
                str::from_utf8(valid).expect("it is valid up to here")
            }
        };
        self.text.push_str(valid);
        Ok(())
        // ANCHOR_END: step_6_3_b
    }

    /// The text, now that nothing more comes.
    ///
    /// # Errors
    ///
    /// [`Fault::NotUtf8`] when its last code point is not complete.
    pub(crate) fn finish(self) -> Result<String, Fault> {
        // ANCHOR: step_6_3_c
        if self.cut.is_empty() { Ok(self.text) } else { Err(Fault::NotUtf8) }
        // ANCHOR_END: step_6_3_c
    }

    /// In bytes.
    pub(crate) fn len(&self) -> usize {
        self.text.len() + self.cut.len()
    }
}
