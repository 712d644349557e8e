use std::iter;

use engineio_packet::{Bytes, EncodedMessage, Frame, Message};

use crate::{AckId, EncodeError, Namespace, Outgoing, Parser, ToArgs, packet::is_reserved};

/// A packet as it travels: encoded once, for any number of recipients. A clone shares the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedPacket {
    first: EncodedMessage,
    attachments: Box<[Bytes]>,
    compress: bool,
}

impl EncodedPacket {
    /// An event.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if an argument cannot be written, or the name is a reserved one.
    pub fn event(
        parser: &dyn Parser,
        nsp: &Namespace,
        ack: Option<AckId>,
        name: &str,
        args: impl ToArgs,
    ) -> Result<Self, EncodeError> {
        if is_reserved(name) {
            return Err(EncodeError::ReservedName { name: name.to_owned() });
        }
        parser.encode(&Outgoing::Event { nsp, ack, name, args: &args })
    }

    /// An acknowledgement.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if an argument cannot be written.
    pub fn ack(
        parser: &dyn Parser,
        nsp: &Namespace,
        id: AckId,
        args: impl ToArgs,
    ) -> Result<Self, EncodeError> {
        parser.encode(&Outgoing::Ack { nsp, id, args: &args })
    }

    /// What a parser made.
    pub(crate) fn new(first: EncodedMessage, attachments: Box<[Bytes]>) -> Self {
        Self { first, attachments, compress: true }
    }

    /// The same, and no reason to compress what it travels in: it holds what is compressed already.
    #[must_use]
    pub fn uncompressed(self) -> Self {
        Self { compress: false, ..self }
    }

    /// Whether it is a reason to compress what it travels in.
    #[must_use]
    pub fn wants_compression(&self) -> bool {
        self.compress
    }

    /// The messages that it is, in order.
    pub fn messages(&self) -> impl Iterator<Item = Message> {
        let first = match self.first.frame() {
            Frame::Text(text) => Message::Text(text.slice_ref(&text[1..])),
            Frame::Binary(bytes) => Message::Binary(bytes.clone()),
        };
        iter::once(first).chain(self.attachments.iter().cloned().map(Message::Binary))
    }

    /// The same, as Engine.IO sends them.
    pub fn encoded_messages(&self) -> impl Iterator<Item = EncodedMessage> {
        let attachments = self.attachments.iter().cloned().map(EncodedMessage::from_bytes);
        iter::once(self.first.clone()).chain(attachments)
    }

    /// The same, for whoever sends it once.
    pub fn into_encoded_messages(self) -> impl Iterator<Item = EncodedMessage> {
        iter::once(self.first).chain(self.attachments.into_iter().map(EncodedMessage::from_bytes))
    }

    /// How many messages it is.
    #[must_use]
    pub fn message_count(&self) -> usize {
        1 + self.attachments.len()
    }

    /// How many bytes it is, with all attachments.
    #[must_use]
    pub fn size(&self) -> usize {
        let first = match self.first.frame() {
            Frame::Text(text) => text.len(),
            Frame::Binary(bytes) => bytes.len(),
        };
        first + self.attachments.iter().map(Bytes::len).sum::<usize>()
    }
}
