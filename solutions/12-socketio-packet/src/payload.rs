use serde::Serialize;

use crate::{EncodeError, RawArgs, json, raw_args::Raw};

/// Arguments while they are written. It knows the parser, so that nobody who sends needs to.
#[derive(Debug)]
pub enum Payload<'a> {
    #[doc(hidden)]
    Json(&'a mut json::Elements),
    #[cfg(feature = "msgpack")]
    #[doc(hidden)]
    MsgPack(&'a mut crate::msgpack::Elements),
}

impl Payload<'_> {
    /// One more element.
    pub(crate) fn push<T: Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        match self {
            Self::Json(elements) => elements.push(value),
            #[cfg(feature = "msgpack")]
            Self::MsgPack(elements) => elements.push(value),
        }
    }

    /// The elements of a tuple or a list.
    pub(crate) fn push_all<T: Serialize>(&mut self, values: &T) -> Result<(), EncodeError> {
        match self {
            Self::Json(elements) => elements.push_all(values),
            #[cfg(feature = "msgpack")]
            Self::MsgPack(elements) => elements.push_all(values),
        }
    }

    /// The arguments that came.
    pub(crate) fn push_raw(&mut self, args: &RawArgs) -> Result<(), EncodeError> {
        match (self, &args.array) {
            (Self::Json(elements), Raw::Json(array)) => {
                elements.push_raw(array, args.skip, &args.attachments)
            }
            #[cfg(feature = "msgpack")]
            (Self::MsgPack(elements), Raw::MsgPack(array)) => elements.push_raw(array, args.skip),
            #[cfg(feature = "msgpack")]
            _ => Err(EncodeError::OtherParser),
        }
    }
}
