use std::sync::Arc;
use std::time::SystemTime;

use engineio_server::RequestHead;
use serde::de::DeserializeOwned;
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
            None => T::deserialize(serde_json::Value::Object(serde_json::Map::new()))
                .map_err(|error| ArgsError::OtherType { problem: error.to_string() }),
        }
    }

    /// When the client asked.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        self.0.time
    }

    /// What belongs to the whole connection: all its sockets, in all namespaces, have the same.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }
}
