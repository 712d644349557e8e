use engineio_packet::{ByteString, Bytes};

use crate::{ArgsError, FromArgs};

/// Arguments as they came: an array that nobody has read yet, and the bytes that are meant in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawArgs {
    pub(crate) array: Raw,
    /// How many of the array's elements are no arguments: an event's name stands first.
    pub(crate) skip: usize,
    /// How many of the arguments are read alone, where a type takes that.
    pub(crate) first: usize,
    pub(crate) attachments: Vec<Bytes>,
}

/// What a parser will read when its type is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Raw {
    Json(ByteString),
    #[cfg(feature = "msgpack")]
    MsgPack(Bytes),
}

impl Raw {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Json(text) => text.len(),
            #[cfg(feature = "msgpack")]
            Self::MsgPack(bytes) => bytes.len(),
        }
    }

    pub(crate) fn detached(&self) -> Self {
        match self {
            Self::Json(text) => Self::Json((&**text).into()),
            #[cfg(feature = "msgpack")]
            Self::MsgPack(bytes) => Self::MsgPack(Bytes::copy_from_slice(bytes)),
        }
    }
}

/// No arguments.
impl Default for RawArgs {
    fn default() -> Self {
        let array = Raw::Json(ByteString::from_static("[]"));
        Self::behind(array, 0)
    }
}

impl RawArgs {
    /// The elements of an array behind the first few.
    pub(crate) fn behind(array: Raw, skip: usize) -> Self {
        Self { array, skip, first: usize::MAX, attachments: Vec::new() }
    }

    /// The same, of which the first `count` may be all that is meant: a type that takes just them is read without
    /// the others, and any other type with them.
    ///
    /// A server that remembers puts an offset behind the arguments of most events, and an event does not say of
    /// itself whether it has one.
    #[must_use]
    pub fn prefer_first(self, count: usize) -> Self {
        Self { first: count, ..self }
    }

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
        self.array.len() + self.attachments.iter().map(Bytes::len).sum::<usize>()
    }

    /// The same, in memory of its own. What came is a piece of its message and keeps all of that, which may be
    /// much more than [`size`](Self::size): who counts what it keeps, keeps a copy.
    #[must_use]
    pub fn detached(&self) -> Self {
        let attachments = self.attachments.iter().map(|bytes| Bytes::copy_from_slice(bytes));
        Self { array: self.array.detached(), attachments: attachments.collect(), ..*self }
    }

    /// The bytes that came beside the text. What means them is `{"_placeholder":true,"num":N}`: the
    /// N-th of these, from 0.
    #[must_use]
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }
}
