use serde::Deserialize;
use serde::de::IgnoredAny;
use socketio_packet::{Args, RawArgs};

#[derive(Deserialize)]
#[serde(untagged)]
enum Element {
    Text(String),
    Other(IgnoredAny),
}

/// The offset of an event, which is its last argument, if that is text.
pub(crate) fn of(args: &RawArgs) -> Option<String> {
    let Args(mut elements) = args.clone().decode::<Args<Vec<Element>>>().ok()?;
    match elements.pop()? {
        Element::Text(offset) => Some(offset),
        Element::Other(_) => None,
    }
}
