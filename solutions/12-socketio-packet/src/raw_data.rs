use std::fmt;

use serde::de::DeserializeOwned;

use crate::{ArgsError, json, raw_args::Raw};

/// What belongs to a connect or to its refusal, as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct RawData(pub(crate) Raw);

/// For a log: without what it says, which may be a token.
impl fmt::Debug for RawData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawData").finish_non_exhaustive()
    }
}

impl RawData {
    /// How many bytes it is, as it came.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// The same, in memory of its own: see [`RawArgs::detached`](crate::RawArgs::detached).
    #[must_use]
    pub fn detached(&self) -> Self {
        Self(self.0.detached())
    }

    /// Reads it as a value of a type.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] if it is not of this type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, ArgsError> {
        match &self.0 {
            Raw::Json(text) => json::read_value(text),
            #[cfg(feature = "msgpack")]
            Raw::MsgPack(bytes) => crate::msgpack::read_value(bytes),
        }
    }
}
