use serde::Deserialize;
use serde::de::IgnoredAny;
use socketio_packet::{Args, RawArgs};

#[derive(Deserialize)]
#[serde(untagged)]
enum Element {
    Text(String),
    Other(IgnoredAny),
}

/// The offset of an event of a server that remembers: its last argument, if that is text.
///
/// It may as well be the last argument of a volatile event, which has no offset: nothing in the event tells which.
/// As the reference, this takes it for one; a server that never gave it will not know us again. The handler's
/// type decides whether the handler gets it.
pub(crate) fn split(args: RawArgs) -> (RawArgs, Option<String>) {
    // TODO step 18.4, continued: see `reason_of` in src/worker/dialling.rs
    (args, None)
}
