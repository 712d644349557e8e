use engineio_packet::EncodedMessage;

use super::{
    Elements,
    header::{Kind, write_header},
};
use crate::{AckId, EncodeError, EncodedPacket, Namespace, Outgoing, ToArgs, payload::Payload};

/// Writes a packet.
pub(super) fn encode(packet: &Outgoing<'_>) -> Result<EncodedPacket, EncodeError> {
    match *packet {
        Outgoing::Connect { nsp, data } => with_data(Kind::Connect, nsp, data),
        Outgoing::Disconnect { nsp } => with_data(Kind::Disconnect, nsp, None),
        Outgoing::ConnectError { nsp, data } => with_data(Kind::ConnectError, nsp, Some(data)),
        Outgoing::Event { nsp, ack, name, args } => {
            with_args([Kind::Event, Kind::BinaryEvent], nsp, ack, Some(name), args)
        }
        Outgoing::Ack { nsp, id, args } => {
            with_args([Kind::Ack, Kind::BinaryAck], nsp, Some(id), None, args)
        }
    }
}

/// Of two kinds, the second is for a packet with attachments. Whether it has some is known when its
/// arguments were written: the header is written for the common case, and again if it is not that.
fn with_args(
    [plain, binary]: [Kind; 2],
    nsp: &Namespace,
    ack: Option<AckId>,
    name: Option<&str>,
    args: &dyn ToArgs,
) -> Result<EncodedPacket, EncodeError> {
    let mut elements = Elements::after(start(plain, 0, nsp, ack));
    let mut payload = Payload::Json(&mut elements);
    if let Some(name) = name {
        payload.push(&name)?;
    }
    args.to_args(&mut payload)?;
    let (mut text, array, attachments) = elements.finish()?;
    if !attachments.is_empty() {
        text.replace_range(..array, &start(binary, attachments.len(), nsp, ack));
    }
    Ok(EncodedPacket::new(message(text), attachments))
}

/// What belongs to a connect is a value, not an array of them.
fn with_data(
    kind: Kind,
    nsp: &Namespace,
    data: Option<&dyn ToArgs>,
) -> Result<EncodedPacket, EncodeError> {
    if nsp.as_str().contains(',') {
        return Err(EncodeError::Namespace { name: nsp.to_string() });
    }
    let mut text = start(kind, 0, nsp, None);
    if let Some(data) = data {
        let mut elements = Elements::after(String::new());
        data.to_args(&mut Payload::Json(&mut elements))?;
        let (array, _, attachments) = elements.finish()?;
        if !attachments.is_empty() {
            return Err(EncodeError::BytesInData);
        }
        text += &array[1..array.len() - 1];
    }
    Ok(EncodedPacket::new(message(text), Vec::new()))
}

/// Most packets fit in so many bytes, and need not be moved while they grow.
const ROOM: usize = 256;

/// Engine.IO's type and the header: so no layer below has to copy the text to put its type before it.
fn start(kind: Kind, attachments: usize, nsp: &Namespace, ack: Option<AckId>) -> String {
    let mut text = String::with_capacity(ROOM);
    text.push('4');
    write_header(&mut text, kind, attachments, nsp, ack);
    text
}

fn message(text: String) -> EncodedMessage {
    EncodedMessage::from_encoded_text(text.into()).expect("it begins with 4")
}
