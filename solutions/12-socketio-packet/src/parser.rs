use std::fmt;

use engineio_packet::Message;

use crate::{
    AckId, DecodeError, EncodeError, EncodedPacket, Namespace, Packet, Reassembly, ToArgs,
};

/// How packets become messages, and messages packets. Both ends of a connection use the same one.
// ANCHOR: parser
pub trait Parser: fmt::Debug + Send + Sync {
    /// The messages that a packet is.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a value cannot be written. Nothing is to be sent then.
    fn encode(&self, packet: &Outgoing<'_>) -> Result<EncodedPacket, EncodeError>;

    /// Takes the next message of a connection. `None` means that more belongs to the packet.
    ///
    /// # Errors
    ///
    /// [`DecodeError`]. The connection is to be closed then.
    fn decode(
        &self,
        message: Message,
        reassembly: &mut Reassembly,
    ) -> Result<Option<Packet>, DecodeError>;
}
// ANCHOR_END: parser

/// A [`Packet`] that is still to be written, so with values in the place of raw arguments.
pub enum Outgoing<'a> {
    /// Asks to join a namespace, or says yes.
    Connect {
        /// Which one.
        nsp: &'a Namespace,
        /// One argument: an object.
        data: Option<&'a dyn ToArgs>,
    },
    /// Leaves a namespace.
    Disconnect {
        /// Which one.
        nsp: &'a Namespace,
    },
    /// An event.
    Event {
        /// In which namespace.
        nsp: &'a Namespace,
        /// Under which number an answer is awaited.
        ack: Option<AckId>,
        /// What happened.
        name: &'a str,
        /// What belongs to it.
        args: &'a dyn ToArgs,
    },
    /// Answers an event.
    Ack {
        /// In which namespace.
        nsp: &'a Namespace,
        /// Which event.
        id: AckId,
        /// The answer.
        args: &'a dyn ToArgs,
    },
    /// Says no to a connect.
    ConnectError {
        /// Which namespace.
        nsp: &'a Namespace,
        /// One argument: an object with a `message`.
        data: &'a dyn ToArgs,
    },
}
