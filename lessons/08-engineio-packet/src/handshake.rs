use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{PacketError, Sid, Transport};

/// What the server says first: the payload of the `open` packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Handshake {
    /// The session's id. Whoever knows it can speak for the client: a secret between the two ends.
    pub sid: Sid,
    /// The transports that the client may change to. Those that we do not speak are left out.
    #[serde(deserialize_with = "known")]
    pub upgrades: Vec<Transport>,
    /// How often the server pings, in milliseconds on the wire.
    #[serde(with = "millis")]
    pub ping_interval: Duration,
    /// How long the client may take to answer, in milliseconds on the wire.
    #[serde(with = "millis")]
    pub ping_timeout: Duration,
    /// The longest body that the server takes, in bytes. Servers of before April 2022 do not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_payload: Option<u64>,
}

impl Handshake {
    /// The keys stand in the reference's order.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers always become JSON")
    }

    /// Reads the JSON. Keys that this version does not know are ignored.
    ///
    /// # Errors
    ///
    /// [`PacketError::Handshake`] if it is no JSON, or a key is missing.
    pub fn from_json(json: &str) -> Result<Self, PacketError> {
        serde_json::from_str(json)
            .map_err(|error| PacketError::Handshake { problem: error.to_string() })
    }
}

/// The names that we know, out of those that came: a server may offer `webtransport`, or what is yet
/// to be invented.
fn known<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Transport>, D::Error> {
    // TODO step 8.5, continued: see `Sid::from_random` in src/sid.rs
    todo!("step 8.5: Agree on how it goes (cargo course hint 8.5)")
}

/// Durations are whole milliseconds on the wire.
mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(value.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}
