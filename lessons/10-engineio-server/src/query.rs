use engineio_packet::{Sid, Transport};

/// What the query of a request says: `?EIO=4&transport=polling&sid=…`.
#[derive(Debug, Default)]
pub(crate) struct Query {
    /// `EIO`: the version of the protocol.
    pub(crate) version: String,
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
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match key.as_ref() {
                "EIO" => found.version = value.into_owned(),
                "transport" => found.transport = value.parse().ok(),
                "sid" => found.sid = Some(Sid::from(&*value)).filter(|_| !value.is_empty()),
                "b64" => found.base64 = !value.is_empty(),
                _ => {}
            }
        }
        found
    }
}
