use engineio_packet::ByteString;

use crate::{AckId, Namespace, RawArgs};

/// One thing that one end says to the other (Socket.IO protocol, "Packet types").
///
/// Whether bytes are among the arguments makes two types on the wire, and no difference here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// `0`: asks to join a namespace, or says yes.
    Connect {
        /// Which one.
        nsp: Namespace,
        /// A JSON object: what the client shows, or the id that the server gives. Empty if none came.
        data: ByteString,
    },
    /// `1`: leaves a namespace.
    Disconnect {
        /// Which one.
        nsp: Namespace,
    },
    /// `2`, and `5` with attachments: an event.
    Event {
        /// In which namespace.
        nsp: Namespace,
        /// Under which number the sender waits for an answer.
        ack: Option<AckId>,
        /// What happened.
        name: ByteString,
        /// What belongs to it.
        args: RawArgs,
    },
    /// `3`, and `6` with attachments: answers an event.
    Ack {
        /// In which namespace.
        nsp: Namespace,
        /// Which event.
        id: AckId,
        /// The answer.
        args: RawArgs,
    },
    /// `4`: no, to a [`Packet::Connect`].
    ConnectError {
        /// Which namespace.
        nsp: Namespace,
        /// A JSON object with a `message`, or a JSON string.
        data: ByteString,
    },
}

impl Packet {
    /// The namespace that it is said in.
    #[must_use]
    pub fn nsp(&self) -> &Namespace {
        match self {
            Self::Connect { nsp, .. }
            | Self::Disconnect { nsp }
            | Self::Event { nsp, .. }
            | Self::Ack { nsp, .. }
            | Self::ConnectError { nsp, .. } => nsp,
        }
    }
}

/// Whether an application may not use this as the name of an event: it means something else at one of
/// the two ends.
pub(crate) fn is_reserved(name: &str) -> bool {
    matches!(
        name,
        "connect"
            | "connect_error"
            | "disconnect"
            | "disconnecting"
            | "newListener"
            | "removeListener"
    )
}
