use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use engineio_server::RequestHead;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use socketio_packet::{ArgsError, Namespace, RawData};

use crate::Extensions;

/// How a client came: what its first request said, and what it showed for this namespace.
#[derive(Clone, Debug)]
pub struct Handshake(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) head: Arc<RequestHead>,
    pub(crate) nsp: Namespace,
    pub(crate) auth: Option<RawData>,
    pub(crate) time: SystemTime,
    pub(crate) extensions: Arc<Extensions>,
}

impl Handshake {
    /// How much of what came is kept with it.
    pub(crate) fn size(&self) -> usize {
        size(&self.0.nsp, self.0.auth.as_ref())
    }

    /// The request that opened the connection: its headers, its query, where it came from.
    #[must_use]
    pub fn head(&self) -> &RequestHead {
        &self.0.head
    }

    /// Which namespace is asked for.
    #[must_use]
    pub fn nsp(&self) -> &Namespace {
        &self.0.nsp
    }

    /// What the client shows: `auth` in JavaScript. `{}` if nothing.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] if it is not of this type.
    pub fn auth<T: DeserializeOwned>(&self) -> Result<T, ArgsError> {
        match &self.0.auth {
            Some(auth) => auth.decode(),
            None => T::deserialize(Value::Object(Map::new()))
                .map_err(|error| ArgsError::OtherType { problem: error.to_string() }),
        }
    }

    /// When the client asked.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        self.0.time
    }

    /// All of it but the extensions, in the form that the reference gives a handshake.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Inner { head, time, .. } = &*self.0;
        let issued = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let headers: Map<_, _> = head
            .headers()
            .map(|(name, value)| (name.to_owned(), String::from_utf8_lossy(value).into()))
            .collect();
        let query: Map<_, _> = form_urlencoded::parse(head.query().as_bytes())
            .map(|(key, value)| (key.into_owned(), value.into()))
            .collect();
        json!({
            "headers": headers,
            "query": query,
            "xdomain": head.header("origin").is_some(),
            "address": head.peer().map(|peer| peer.ip().to_string()),
            "issued": u64::try_from(issued).unwrap_or(u64::MAX),
            "url": head.target(),
            "auth": self.auth::<Value>().unwrap_or_default(),
        })
    }

    /// What belongs to the whole connection: all its sockets, in all namespaces, have the same.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }
}

/// How much of a CONNECT is kept.
pub(crate) fn size(nsp: &Namespace, auth: Option<&RawData>) -> usize {
    nsp.as_str().len() + auth.map_or(0, RawData::size)
}
