use std::fmt::{self, Display};

/// Why a client is not connected any more.
///
/// It is shown in the words of the reference, which its users know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisconnectReason {
    /// The server disconnected the socket.
    ByServer,
    /// We did.
    ByClient,
    /// No ping came in time.
    PingTimeout,
    /// The connection was closed, by the server or on the way.
    TransportClose,
    /// The connection failed.
    TransportError,
    /// What came is no packet.
    ParseError,
}

impl DisconnectReason {
    /// Whether the client dials again by itself. What somebody decided stays so; an accident is mended.
    #[must_use]
    pub fn reconnects(self) -> bool {
        // ANCHOR: step_16_4
        match self {
            Self::ByServer | Self::ByClient => false,
            Self::PingTimeout | Self::TransportClose | Self::TransportError | Self::ParseError => {
                true
            }
        }
        // ANCHOR_END: step_16_4
    }
}

impl Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByServer => "io server disconnect",
            Self::ByClient => "io client disconnect",
            Self::PingTimeout => "ping timeout",
            Self::TransportClose => "transport close",
            Self::TransportError => "transport error",
            Self::ParseError => "parse error",
        })
    }
}
