use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytestring::ByteString;
use serde::{Deserialize, Serialize};

/// A session's id: on our server 20 characters, base64 with the alphabet of RFC 4648, section 5. It
/// stands in every URL of the session, where `+` and `/` have meanings of their own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sid(ByteString);

impl Sid {
    /// From 15 bytes that nobody can guess: they are the only proof that a request belongs to a session.
    #[must_use]
    pub fn from_random(bytes: [u8; 15]) -> Self {
        // TODO step 8.5: Agree on how it goes
        //
        // The handshake is JSON, and serde reads and writes it; two things are left to you.
        // `from_random` makes a session's id of 15 random bytes: base64 for a URL, without padding.
        // `known` reads the list of transports that a server offers. It may offer `webtransport`,
        // which we do not speak, or something that is yet to be invented: keep what we know, in its
        // order, and leave out the rest. What is no list of texts is an error. (Engine.IO protocol,
        // "Handshake"; RFC 4648, section 5)
        //
        // Stuck? cargo course hint 8.5
        todo!("step 8.5: Agree on how it goes (cargo course hint 8.5)")
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Sid {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
