use engineio_packet::{ByteString, Bytes};

use crate::{ArgsError, FromArgs};

/// Arguments as they came: JSON that nobody has read yet, and the bytes that its placeholders mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawArgs {
    /// A JSON array.
    pub(crate) json: ByteString,
    /// How many of its elements are no arguments: an event's name stands first.
    pub(crate) skip: usize,
    pub(crate) attachments: Vec<Bytes>,
}

impl RawArgs {
    /// Reads the arguments as values of a type.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] if they are not of this type, or no JSON.
    pub fn decode<A: FromArgs>(self) -> Result<A, ArgsError> {
        A::from_args(self)
    }

    /// The JSON array that came. Of an event, its first element is the name.
    #[must_use]
    pub fn json(&self) -> &ByteString {
        &self.json
    }

    /// The bytes that `{"_placeholder":true,"num":N}` means: the N-th of these.
    #[must_use]
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }
}
