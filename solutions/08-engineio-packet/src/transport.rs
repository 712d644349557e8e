use std::{fmt, str::FromStr};

use serde::Serialize;

use crate::PacketError;

/// What carries the packets. The names are those of the query (`transport=polling`) and of the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// HTTP long-polling: a GET that waits for packets, a POST for each batch that is sent.
    Polling,
    /// A WebSocket.
    WebSocket,
}

impl Transport {
    /// As the query and the handshake have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Transport {
    type Err = PacketError;

    fn from_str(name: &str) -> Result<Self, PacketError> {
        match name {
            "polling" => Ok(Self::Polling),
            "websocket" => Ok(Self::WebSocket),
            came => Err(PacketError::UnknownTransport { came: came.to_owned() }),
        }
    }
}
