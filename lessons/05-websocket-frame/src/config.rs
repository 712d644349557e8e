use crate::FrameError;

/// Which end of the connection this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Reads masked frames and sends frames without a mask.
    Server,
    /// Reads frames without a mask and sends masked ones.
    Client,
}

/// What a decoder takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Which end this is.
    pub role: Role,
    /// The longest payload of a frame, in bytes: 1 MiB. Beyond: close code 1009.
    ///
    /// A header may announce more than any memory holds, so this is checked before the payload comes.
    pub max_payload: u64,
}

impl Config {
    /// The limit's default, at this end.
    #[must_use]
    pub fn new(role: Role) -> Self {
        Self { role, max_payload: 1 << 20 }
    }

    /// Checks the length of a payload before any of it is given out.
    ///
    /// # Errors
    ///
    /// [`FrameError::PayloadTooLarge`].
    pub fn check_payload(&self, length: u64) -> Result<(), FrameError> {
        // TODO step 5.5, continued: see `refuse_reserved_bits` in src/strict.rs
        Ok(())
    }
}
