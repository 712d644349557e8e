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
        // TODO step 16.4: What was decided stays so
        //
        // `reconnects` says for which reasons a client dials again by itself. If somebody decided
        // that the connection ends, the server or we, it does not. All else is an accident, and is
        // mended. (Socket.IO, "Client API", `disconnect`)
        //
        // `close` is our decision. A connection, or a dial that is under way, is hung up:
        // `self.put(Output::HangUp(dial))`. No attempt follows, also where one was waited for, and
        // the attempts that were made are forgotten. The application hears `Close`, with
        // `ByClient`. To close what is closed is nothing.
        //
        // Stuck? cargo course hint 16.4
        true
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
