use std::cell::Cell;

use engineio_packet::{ByteString, EncodedMessage};

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
    let mut elements = Elements::after(start(plain, nsp, ack));
    let mut payload = Payload::Json(&mut elements);
    if let Some(name) = name {
        payload.push(&name)?;
    }
    args.to_args(&mut payload)?;
    let (mut text, array, mut attachments) = elements.finish()?;
    if attachments.is_empty() {
        return Ok(EncodedPacket::new(message(text), Box::default()));
    }
    // Behind the array, where there is room; it goes before it when it is copied.
    let end = text.len();
    write_start(&mut text, binary, attachments.len(), nsp, ack);
    let packet = [&text[end..], &text[array..end]].concat();
    put_back(text);
    // They are moved: to make the list as short as they are takes longer.
    Ok(EncodedPacket::new(encoded(packet.into()), attachments.drain(..).collect()))
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
    let mut text = start(kind, nsp, None);
    if let Some(data) = data {
        let mut elements = Elements::after(String::new());
        data.to_args(&mut Payload::Json(&mut elements))?;
        let (array, _, attachments) = elements.finish()?;
        if !attachments.is_empty() {
            return Err(EncodeError::BytesInData);
        }
        text += &array[1..array.len() - 1];
    }
    Ok(EncodedPacket::new(message(text), Box::default()))
}

/// Most packets are no longer, in bytes.
const DESK_SIZE: usize = 4096;

thread_local! {
    /// Where a thread writes its packets. Each is copied from here: memory that grows while it is written is slow, and
    /// memory that is larger than its packet is wasted for as long as the packet waits. A thread that ends may have none
    /// any more, and something to say.
    static DESK: Cell<String> = const { Cell::new(String::new()) };
}

/// The desk, with what a packet without attachments begins with.
fn start(kind: Kind, nsp: &Namespace, ack: Option<AckId>) -> String {
    let mut text = DESK.try_with(Cell::take).unwrap_or_default();
    write_start(&mut text, kind, 0, nsp, ack);
    text
}

/// Engine.IO's type and the header: so no layer below has to copy the text to put its type before it.
fn write_start(
    text: &mut String,
    kind: Kind,
    attachments: usize,
    nsp: &Namespace,
    ack: Option<AckId>,
) {
    text.push('4');
    write_header(text, kind, attachments, nsp, ack);
}

fn message(mut text: String) -> EncodedMessage {
    if text.len() > DESK_SIZE {
        text.shrink_to_fit();
        return encoded(text.into());
    }
    let packet = ByteString::from(text.as_str());
    put_back(text);
    encoded(packet)
}

fn put_back(mut text: String) {
    text.clear();
    text.shrink_to(DESK_SIZE);
    let _ = DESK.try_with(|desk| desk.set(text));
}

fn encoded(packet: ByteString) -> EncodedMessage {
    EncodedMessage::from_encoded_text(packet).expect("it begins with 4")
}
