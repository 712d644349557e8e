use thiserror::Error;

use crate::StatusLine;

/// Why a client does not open the connection. All of these are the server's doing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WrongAnswer {
    /// Not HTTP/1.1.
    #[error("expected an answer like `HTTP/1.1 101 Switching Protocols`, came `{came}`")]
    StatusLine {
        /// The beginning of the line.
        came: String,
    },
    /// A status line that is too long.
    #[error("expected a status line of at most {limit} bytes (max_line), came a longer one")]
    StatusLineTooLong {
        /// In bytes.
        limit: usize,
    },
    /// No header, or headers beyond the limits.
    #[error(transparent)]
    Head(#[from] http_message::Refusal),
    /// Another answer than 101.
    #[error("expected 101 Switching Protocols, came {status}{}{body}", if body.is_empty() { "" } else { ": " })]
    Refused {
        /// The status, with what the server calls it.
        status: StatusLine,
        /// The beginning of the body; empty when its length was not announced.
        body: String,
    },
    /// A change to another protocol.
    #[error("expected `Upgrade: websocket`, came {came}; this is another protocol")]
    Upgrade {
        /// The values.
        came: String,
    },
    /// A change that is not meant for this connection.
    #[error("expected `Connection: Upgrade`, came {came}; a proxy may have answered")]
    Connection {
        /// The values.
        came: String,
    },
    /// An answer to another request, or from a program that did not read this one.
    #[error("expected one Sec-WebSocket-Accept, `{expected}`, came {came}; the key was not read")]
    Accept {
        /// What this request's key leads to.
        expected: String,
        /// The values.
        came: String,
    },
    /// The frames would not be what the client takes them for.
    #[error("expected no extension, for none was offered, came {came}")]
    Extension {
        /// The values.
        came: String,
    },
    /// Not one of the offers.
    #[error("expected no subprotocol but one of those offered ({offered}), came {came}")]
    Subprotocol {
        /// The offers.
        offered: String,
        /// The values.
        came: String,
    },
    /// Nothing more comes.
    #[error("expected an answer to the handshake, came the end of the connection")]
    Ended,
}
