use engineio_packet::PacketError;
use thiserror::Error;

/// Why what a server said first is no handshake.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OpenError {
    /// It is no packet.
    #[error("{0}")]
    Malformed(#[from] PacketError),
    /// It is another packet.
    #[error(
        "expected an open packet first (0 and JSON), came {came}; is this an Engine.IO server?"
    )]
    NotOpen {
        /// What came, as far as one can tell.
        came: String,
    },
}

/// Why a message was not taken to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// The session has ended, or is about to.
    #[error("the session is closed")]
    Closed,
    /// The server said in the handshake that it takes no message as long as this.
    #[error(
        "expected at most {limit} bytes in a packet (the server's maxPayload), came {came}; send less"
    )]
    TooLong {
        /// In bytes.
        limit: u64,
        /// In bytes: with the packet's type, and in base64 for bytes on polling.
        came: u64,
    },
    /// Too much waits to be sent.
    #[error(
        "expected at most {limit} bytes to wait (max_buffered), came more; wait until they have left"
    )]
    Full {
        /// In bytes.
        limit: usize,
    },
}

/// Why a session stays on polling.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UpgradeError {
    /// It could not be opened, or it ended.
    #[error("no WebSocket: {problem}")]
    NoWebSocket {
        /// What came instead.
        problem: String,
    },
    /// It is open, and what came is not the answer to the probe.
    #[error("expected 3probe over the WebSocket, came {came}")]
    NotTheProbe {
        /// What came, as far as one can tell.
        came: String,
    },
    /// It took too long.
    #[error("expected a WebSocket and its probe within {limit:?} (upgrade_timeout), came none")]
    TimedOut {
        /// How long it might take.
        limit: std::time::Duration,
    },
}
