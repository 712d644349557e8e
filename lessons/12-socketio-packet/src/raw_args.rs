use engineio_packet::{ByteString, Bytes};

use crate::{ArgsError, FromArgs};

/// Arguments as they came: an array that nobody has read yet, and the bytes that are meant in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawArgs {
    pub(crate) array: Raw,
    /// How many of the array's elements are no arguments: an event's name stands first.
    pub(crate) skip: usize,
    pub(crate) attachments: Vec<Bytes>,
}

/// What a parser will read when its type is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Raw {
    Json(ByteString),
    #[cfg(feature = "msgpack")]
    MsgPack(Bytes),
}

/// No arguments.
impl Default for RawArgs {
    fn default() -> Self {
        let array = Raw::Json(ByteString::from_static("[]"));
        Self { array, skip: 0, attachments: Vec::new() }
    }
}

impl RawArgs {
    /// Reads the arguments as values of a type.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] if they are not of this type, or cannot be read at all.
    pub fn decode<A: FromArgs>(self) -> Result<A, ArgsError> {
        A::from_args(self)
    }

    /// How many bytes they are, as they came.
    #[must_use]
    pub fn size(&self) -> usize {
        let array = match &self.array {
            Raw::Json(text) => text.len(),
            #[cfg(feature = "msgpack")]
            Raw::MsgPack(bytes) => bytes.len(),
        };
        array + self.attachments.iter().map(Bytes::len).sum::<usize>()
    }

    /// The bytes that came beside the text. What means them is `{"_placeholder":true,"num":N}`: the
    /// N-th of these, from 0.
    #[must_use]
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }
}
