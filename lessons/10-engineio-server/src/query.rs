use std::borrow::Cow;

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

/// Keys and values, decoded. Every request comes through here, and what a client of this protocol says
/// of itself holds nothing that is encoded: then all of it is cut out of the query, byte by byte.
fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.as_bytes().split(|byte| *byte == b'&').filter_map(|pair| {
        if pair.iter().any(|byte| matches!(byte, b'%' | b'+')) {
            return form_urlencoded::parse(pair).next();
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut half = || str::from_utf8(halves.next().unwrap_or_default()).ok().map(Cow::Borrowed);
        Some((half()?, half()?))
    })
}
