use std::iter;

use engineio_packet::{ByteString, Bytes, EncodedMessage, Message};
use serde::Serialize;

use crate::{
    AckId, EncodeError, Namespace, Packet, ToArgs, header::Header, packet::is_reserved,
    payload::Payload,
};

/// A packet as it travels: encoded once, for any number of recipients. A clone shares the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedPacket {
    /// With Engine.IO's `4` before it, so that no layer below copies it.
    text: ByteString,
    attachments: Vec<Bytes>,
}

impl EncodedPacket {
    /// An event.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if an argument cannot be written as JSON, or the name is a reserved one.
    pub fn event(
        nsp: &Namespace,
        ack: Option<AckId>,
        name: &str,
        args: &(impl ToArgs + ?Sized),
    ) -> Result<Self, EncodeError> {
        if is_reserved(name) {
            return Err(EncodeError::ReservedName { name: name.to_owned() });
        }
        Self::with_args(['2', '5'], nsp, ack, |payload| {
            payload.push(name)?;
            args.to_args(payload)
        })
    }

    /// An acknowledgement.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if an argument cannot be written as JSON.
    pub fn ack(
        nsp: &Namespace,
        id: AckId,
        args: &(impl ToArgs + ?Sized),
    ) -> Result<Self, EncodeError> {
        Self::with_args(['3', '6'], nsp, Some(id), |payload| args.to_args(payload))
    }

    /// Asks to join a namespace, or says yes. `None` sends no payload.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the data cannot be written as JSON.
    pub fn connect(nsp: &Namespace, data: Option<&impl Serialize>) -> Result<Self, EncodeError> {
        Self::with_data('0', nsp, data)
    }

    /// Says no to a connect.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the data cannot be written as JSON.
    pub fn connect_error(nsp: &Namespace, data: &impl Serialize) -> Result<Self, EncodeError> {
        Self::with_data('4', nsp, Some(data))
    }

    /// Leaves a namespace.
    #[must_use]
    pub fn disconnect(nsp: &Namespace) -> Self {
        Self { text: start('1', 0, nsp, None).into(), attachments: Vec::new() }
    }

    /// The messages that it is, in order.
    pub fn messages(&self) -> impl Iterator<Item = Message> {
        let text = Message::Text(self.text.slice_ref(&self.text[1..]));
        iter::once(text).chain(self.attachments.iter().cloned().map(Message::Binary))
    }

    /// The same, as Engine.IO sends them.
    pub fn encoded_messages(&self) -> impl Iterator<Item = EncodedMessage> {
        let text = EncodedMessage::from_encoded_text(self.text.clone());
        let text = text.expect("it begins with 4");
        let attachments = self.attachments.iter().cloned().map(EncodedMessage::from_bytes);
        iter::once(text).chain(attachments)
    }

    /// How long it is, with all attachments, in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.len() + self.attachments.iter().map(Bytes::len).sum::<usize>()
    }

    /// Never: a packet has a type.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Of two kinds, the first is for a packet without attachments. Whether it has some is known when
    /// its arguments were written, so the header is written for the common case, and again if it was
    /// not that.
    fn with_args(
        [plain, binary]: [char; 2],
        nsp: &Namespace,
        ack: Option<AckId>,
        write: impl FnOnce(&mut Payload) -> Result<(), EncodeError>,
    ) -> Result<Self, EncodeError> {
        let header = start(plain, 0, nsp, ack);
        let length = header.len();
        let mut payload = Payload::after(header);
        write(&mut payload)?;
        let (mut text, attachments) = payload.finish();
        if !attachments.is_empty() {
            text.replace_range(..length, &start(binary, attachments.len(), nsp, ack));
        }
        Ok(Self { text: text.into(), attachments })
    }

    fn with_data(
        kind: char,
        nsp: &Namespace,
        data: Option<&impl Serialize>,
    ) -> Result<Self, EncodeError> {
        let mut text = start(kind, 0, nsp, None);
        if let Some(data) = data {
            let json = serde_json::to_string(data);
            text += &json.map_err(|error| EncodeError::Value { problem: error.to_string() })?;
        }
        Ok(Self { text: text.into(), attachments: Vec::new() })
    }
}

impl TryFrom<&Packet> for EncodedPacket {
    type Error = EncodeError;

    /// As it came.
    fn try_from(packet: &Packet) -> Result<Self, EncodeError> {
        match packet {
            Packet::Event { nsp, ack, name, args } => Self::event(nsp, *ack, name, args),
            Packet::Ack { nsp, id, args } => Self::ack(nsp, *id, args),
            Packet::Disconnect { nsp } => Ok(Self::disconnect(nsp)),
            Packet::Connect { nsp, data } => Ok(Self::raw('0', nsp, data)),
            Packet::ConnectError { nsp, data } => Ok(Self::raw('4', nsp, data)),
        }
    }
}

impl EncodedPacket {
    fn raw(kind: char, nsp: &Namespace, data: &str) -> Self {
        Self { text: (start(kind, 0, nsp, None) + data).into(), attachments: Vec::new() }
    }
}

/// Engine.IO's type and the header.
fn start(kind: char, attachments: usize, nsp: &Namespace, ack: Option<AckId>) -> String {
    let mut text = String::with_capacity(64);
    text.push('4');
    Header { kind, attachments, nsp: nsp.clone(), ack }.write(&mut text);
    text
}
