use serde::Serialize;

use crate::{Args, EncodeError, RawArgs, payload::Payload};

/// What can be sent as the arguments of an event, or of an acknowledgement.
///
/// Any type of serde's is one argument. [`Args`] is a tuple of several. [`RawArgs`] sends what came.
pub trait ToArgs {
    /// Writes the arguments behind what the array holds already.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a value cannot be written as JSON.
    #[doc(hidden)]
    fn to_args(&self, payload: &mut Payload) -> Result<(), EncodeError>;
}

impl<T: Serialize + ?Sized> ToArgs for T {
    fn to_args(&self, payload: &mut Payload) -> Result<(), EncodeError> {
        payload.push(self)
    }
}

impl<T: Serialize> ToArgs for Args<T> {
    fn to_args(&self, payload: &mut Payload) -> Result<(), EncodeError> {
        payload.push_all(&self.0)
    }
}

impl ToArgs for RawArgs {
    fn to_args(&self, payload: &mut Payload) -> Result<(), EncodeError> {
        payload.push_raw(self)
    }
}
