use crate::Refusal;

/// How much a peer may send before it is refused.
///
/// A peer chooses what it sends, so without these it would choose how much memory the server uses.
/// All are in bytes, but for the number of headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest method: 32, which is longer than any that is registered. Beyond: 501.
    pub max_method: usize,
    /// The longest line, be it request line or header, without its line ending: 8192. RFC 9112,
    /// section 3, recommends to support at least 8000. Beyond: 414 for a request line, 431 for a header.
    pub max_line: usize,
    /// The most headers: 100. Beyond: 431.
    pub max_headers: usize,
    /// The longest body: 1 MiB. Beyond: 413.
    pub max_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_method: 32, max_line: 8192, max_headers: 100, max_body: 1 << 20 }
    }
}

impl Limits {
    /// Checks a request line, or as much of it as has arrived.
    ///
    /// # Errors
    ///
    /// [`Refusal::MethodTooLong`] when the method (all of `line`, while there is no space in it) is
    /// too long; [`Refusal::TargetTooLong`] when the line is.
    pub fn check_request_line(&self, line: &[u8]) -> Result<(), Refusal> {
        // ANCHOR: step_1_5
        let method = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
        if method > self.max_method {
            return Err(Refusal::MethodTooLong { limit: self.max_method });
        }
        if line.len() > self.max_line {
            return Err(Refusal::TargetTooLong { limit: self.max_line });
        }
        Ok(())
        // ANCHOR_END: step_1_5
    }

    /// Checks a header line, or as much of it as has arrived; `count` headers came before it.
    ///
    /// # Errors
    ///
    /// [`Refusal::HeaderTooLong`] and [`Refusal::TooManyHeaders`].
    pub fn check_header_line(&self, line: &[u8], count: usize) -> Result<(), Refusal> {
        // ANCHOR: step_1_5_b
        if line.len() > self.max_line {
            return Err(Refusal::HeaderTooLong { limit: self.max_line });
        }
        if count >= self.max_headers && !line.is_empty() {
            return Err(Refusal::TooManyHeaders { limit: self.max_headers });
        }
        Ok(())
        // ANCHOR_END: step_1_5_b
    }

    /// Checks the length of a body before any of it is kept.
    ///
    /// # Errors
    ///
    /// [`Refusal::BodyTooLarge`].
    pub fn check_body(&self, length: u64) -> Result<usize, Refusal> {
        // ANCHOR: step_1_5_c
        match usize::try_from(length) {
            Ok(length) if length <= self.max_body => Ok(length),
            _ => Err(Refusal::BodyTooLarge { limit: self.max_body, came: length }),
        }
        // ANCHOR_END: step_1_5_c
    }
}
