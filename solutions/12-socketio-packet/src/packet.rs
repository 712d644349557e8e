use engineio_packet::ByteString;

use crate::{AckId, DecodeError, Namespace, RawArgs, RawData};

/// One thing that the other end said (Socket.IO protocol, "Exchange protocol").
///
/// Whether bytes are among the arguments makes two types on the wire, and no difference here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// `0`: asks to join a namespace, or says yes.
    Connect {
        /// Which one.
        nsp: Namespace,
        /// An object: what the client shows, or the id that the server gives.
        data: Option<RawData>,
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
        /// An object with a `message`, or a string.
        data: RawData,
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

/// Names that mean something else at one of the two ends. The reference closes the connection when one
/// comes as an event.
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Nobody may pretend that somebody has left.
pub(crate) fn refuse_reserved(name: &str) -> Result<(), DecodeError> {
    // ANCHOR: step_12_5_c
    if is_reserved(name) {
        return Err(DecodeError::ReservedName { name: name.to_owned() });
    }
    Ok(())
    // ANCHOR_END: step_12_5_c
}
