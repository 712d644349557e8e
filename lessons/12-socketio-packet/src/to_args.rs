use serde::Serialize;

use crate::{Args, EncodeError, RawArgs, payload::Payload};

/// What can be sent as the arguments of an event, or of an acknowledgement.
///
/// Any type of serde's is one argument. [`Args`] is several. [`RawArgs`] sends what came.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent",
    label = "expected a type that implements `serde::Serialize`, or `Args` of a tuple of them"
)]
pub trait ToArgs {
    /// Writes the arguments behind what the payload holds already.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a value cannot be written.
    #[doc(hidden)]
    fn to_args(&self, payload: &mut Payload<'_>) -> Result<(), EncodeError>;
}

impl<T: Serialize> ToArgs for T {
    fn to_args(&self, payload: &mut Payload<'_>) -> Result<(), EncodeError> {
        payload.push(self)
    }
}

impl<T: Serialize> ToArgs for Args<T> {
    fn to_args(&self, payload: &mut Payload<'_>) -> Result<(), EncodeError> {
        payload.push_all(&self.0)
    }
}

impl ToArgs for RawArgs {
    fn to_args(&self, payload: &mut Payload<'_>) -> Result<(), EncodeError> {
        payload.push_raw(self)
    }
}

impl ToArgs for &RawArgs {
    fn to_args(&self, payload: &mut Payload<'_>) -> Result<(), EncodeError> {
        payload.push_raw(self)
    }
}

impl ToArgs for &dyn ToArgs {
    fn to_args(&self, payload: &mut Payload<'_>) -> Result<(), EncodeError> {
        (**self).to_args(payload)
    }
}
