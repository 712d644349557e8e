/// Bytes in, lines out.
///
/// TCP carries a stream: what was written at once may arrive in pieces, and what was written in
/// pieces may arrive at once. Here the pieces wait until a line, or a body, is complete.
#[derive(Debug, Default)]
pub struct LineBuffer {
    bytes: Vec<u8>,
    /// Everything before it was taken already.
    start: usize,
    /// How many of the bytes that wait were searched already and hold no line feed. Without this, a
    /// line that comes byte by byte would be searched from its beginning every time.
    searched: usize,
}

impl LineBuffer {
    /// Adds what has just arrived.
    pub fn feed(&mut self, bytes: &[u8]) {
        // What waits is moved to the front only when more was taken than waits, so that no byte is
        // moved without a byte being taken: a caller that takes little from much moves it seldom.
        if self.start > self.waiting().len() {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The next line without its line ending, or `None` while it is not complete.
    ///
    /// A line ends with `\r\n`. A lone `\n` is taken as well, as RFC 9112, section 2.2, allows: it
    /// is what a person at a terminal sends.
    pub fn take_line(&mut self) -> Option<Vec<u8>> {
        // ANCHOR: step_1_3
        let new = &self.waiting()[self.searched..];
        let Some(found) = new.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.waiting().len();
            return None;
        };
        let mut line = self.take(self.searched + found + 1)?;
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Some(line)
        // ANCHOR_END: step_1_3
    }

    /// The next `count` bytes, or `None` while they are not all there.
    pub fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        let taken = self.waiting().get(..count)?.to_vec();
        self.start += count;
        self.searched = 0;
        if self.start == self.bytes.len() {
            // Nothing waits: an idle connection keeps nothing of what a large body grew.
            *self = Self::default();
        }
        Some(taken)
    }

    /// What has arrived and was not taken.
    #[must_use]
    pub fn waiting(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// How many of the waiting bytes hold no line feed for certain, and are not searched again.
    #[must_use]
    pub fn searched(&self) -> usize {
        self.searched
    }

    /// As much of the next line as has arrived, for a limit to be checked. A CR at its end may be half
    /// of the line ending, so it does not count.
    #[must_use]
    pub fn partial_line(&self) -> &[u8] {
        let waiting = self.waiting();
        waiting.strip_suffix(b"\r").unwrap_or(waiting)
    }
}
