use std::fmt;

use crate::{EncodeError, ToArgs, payload::Payload};

/// Arguments, and behind them the place that an event has in a server's log (Socket.IO protocol,
/// "Connection state recovery").
pub struct WithOffset<'a> {
    /// What belongs to the event.
    pub args: &'a dyn ToArgs,
    /// What its client shows when it comes back.
    pub offset: &'a str,
}

impl ToArgs for WithOffset<'_> {
    fn to_args(&self, payload: &mut Payload<'_>) -> Result<(), EncodeError> {
        self.args.to_args(payload)?;
        payload.push(&self.offset)
    }
}

impl fmt::Debug for WithOffset<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithOffset").field("offset", &self.offset).finish_non_exhaustive()
    }
}
