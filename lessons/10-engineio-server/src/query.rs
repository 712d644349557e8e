use std::borrow::Cow;
use std::iter::from_fn;

use engineio_packet::{Sid, Transport};

/// What the query of a request says: `?EIO=4&transport=polling&sid=…`.
#[derive(Debug, Default)]
pub(crate) struct Query {
    /// `EIO`: the version of the protocol. There is no other that we speak.
    pub(crate) is_version_4: bool,
    /// `None` if it names none, or one that nobody knows.
    pub(crate) transport: Option<Transport>,
    /// `None` in the first request of a session.
    pub(crate) sid: Option<Sid>,
    /// `b64`: the client cannot take binary frames, so that bytes go as base64 to it.
    pub(crate) base64: bool,
}

impl Query {
    /// Of a key that stands there twice, the last one counts. Other keys are the application's.
    pub(crate) fn parse(query: &str) -> Self {
        let mut found = Self::default();
        for (key, value) in pairs(query) {
            match key.as_ref() {
                "EIO" => found.is_version_4 = value == "4",
                "transport" => found.transport = value.parse().ok(),
                "sid" => found.sid = Some(Sid::from(&*value)).filter(|_| !value.is_empty()),
                "b64" => found.base64 = !value.is_empty(),
                _ => {}
            }
        }
        found
    }
}

/// Keys and values, decoded.
fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    // Every request comes through here, and what a client of this protocol says of itself holds nothing
    // that is encoded.
    let is_plain = [b'%', b'+'].iter().all(|mark| !query.as_bytes().contains(mark));
    let mut rest = if is_plain { query } else { "" };
    let plain = from_fn(move || {
        let (pair, behind) = cut(rest, b'&');
        let (key, value) = cut(pair, b'=');
        let pair = (Cow::Borrowed(key), Cow::Borrowed(value));
        (!std::mem::replace(&mut rest, behind).is_empty()).then_some(pair)
    });
    plain.chain(form_urlencoded::parse(if is_plain { b"" } else { query.as_bytes() }))
}

/// What is before the first such byte, and what is behind it.
fn cut(text: &str, at: u8) -> (&str, &str) {
    match text.bytes().position(|byte| byte == at) {
        Some(place) => (&text[..place], &text[place + 1..]),
        None => (text, ""),
    }
}
