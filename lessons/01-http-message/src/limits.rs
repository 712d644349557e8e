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
        // TODO step 1.5: A limit on everything a peer chooses
        //
        // Until now a client decides how much memory the server uses. `check_request_line` sees a
        // line, or the part of it that has arrived: the method is what stands before the first
        // space, or all of it while there is no space. `check_header_line` also learns how many
        // headers came before; the empty line that ends the head is not a header. `check_body` sees
        // the announced length, before any of the body is kept. A limit is exact: as much as the
        // limit is taken, one more is refused. (RFC 9112, section 3; RFC 9110, sections 5.4 and
        // 15.5.14; RFC 6585, section 5)
        //
        // Stuck? cargo course hint 1.5
        Ok(())
    }

    /// Checks a header line, or as much of it as has arrived; `count` headers came before it.
    ///
    /// # Errors
    ///
    /// [`Refusal::HeaderTooLong`] and [`Refusal::TooManyHeaders`].
    pub fn check_header_line(&self, line: &[u8], count: usize) -> Result<(), Refusal> {
        // TODO step 1.5, continued: see `Limits::check_request_line` in src/limits.rs
        Ok(())
    }

    /// Checks the length of a body before any of it is kept.
    ///
    /// # Errors
    ///
    /// [`Refusal::BodyTooLarge`].
    pub fn check_body(&self, length: u64) -> Result<usize, Refusal> {
        // TODO step 1.5, continued: see `Limits::check_request_line` in src/limits.rs
        Ok(length as usize)
    }
}
