use engineio_packet::{ByteString, Bytes, Message};

use crate::{AckId, DecodeError, Namespace, Packet, RawArgs, header::Header, packet::is_reserved};

/// How many attachments a packet may have, if nothing else is said.
pub const MAX_ATTACHMENTS: usize = 10;

/// Puts packets together from messages: a text, and then the bytes that it announces.
#[derive(Debug)]
pub struct Decoder {
    max_attachments: usize,
    pending: Option<Pending>,
}

/// A packet whose attachments are still to come.
#[derive(Debug)]
struct Pending {
    header: Header,
    payload: ByteString,
    attachments: Vec<Bytes>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(MAX_ATTACHMENTS)
    }
}

impl Decoder {
    /// A decoder that takes so many attachments in one packet, and no more.
    #[must_use]
    pub fn new(max_attachments: usize) -> Self {
        Self { max_attachments, pending: None }
    }

    /// Takes the next message. `None` means that attachments are to come.
    ///
    /// # Errors
    ///
    /// [`DecodeError`]. The connection is to be closed then.
    pub fn decode(&mut self, message: Message) -> Result<Option<Packet>, DecodeError> {
        match message {
            Message::Text(text) => self.decode_text(&text),
            Message::Binary(bytes) => self.decode_bytes(bytes),
        }
    }

    fn decode_text(&mut self, text: &ByteString) -> Result<Option<Packet>, DecodeError> {
        if let Some(pending) = &self.pending {
            let missing = pending.header.attachments - pending.attachments.len();
            return Err(DecodeError::TextInstead { missing });
        }
        let (header, payload) = Header::parse(text, self.max_attachments)?;
        if header.attachments == 0 {
            return packet(header, payload, Vec::new()).map(Some);
        }
        // The count is bounded, but nobody has sent anything yet.
        self.pending = Some(Pending { header, payload, attachments: Vec::new() });
        Ok(None)
    }

    fn decode_bytes(&mut self, bytes: Bytes) -> Result<Option<Packet>, DecodeError> {
        let pending = self.pending.as_mut().ok_or(DecodeError::UnexpectedBytes)?;
        pending.attachments.push(bytes);
        if pending.attachments.len() < pending.header.attachments {
            return Ok(None);
        }
        let Pending { header, payload, attachments } =
            self.pending.take().expect("it was there a line ago");
        packet(header, payload, attachments).map(Some)
    }
}

fn packet(
    header: Header,
    payload: ByteString,
    attachments: Vec<Bytes>,
) -> Result<Packet, DecodeError> {
    let Header { kind, nsp, ack, .. } = header;
    let wrong = |expected| DecodeError::Payload {
        kind,
        expected,
        came: payload.chars().take(60).collect(),
    };
    let is_object = payload.starts_with('{') && payload.ends_with('}');
    match kind {
        '0' if payload.is_empty() || is_object => Ok(Packet::Connect { nsp, data: payload }),
        '0' => Err(wrong("an object, or nothing")),
        '1' if payload.is_empty() => Ok(Packet::Disconnect { nsp }),
        '1' => Err(wrong("nothing")),
        '2' | '5' => event(nsp, ack, &payload, attachments)?.ok_or_else(|| wrong(EVENT)),
        '3' | '6' => {
            let id = ack.ok_or(DecodeError::NoAckId { kind })?;
            if !(payload.starts_with('[') && payload.ends_with(']')) {
                return Err(wrong("an array"));
            }
            Ok(Packet::Ack { nsp, id, args: RawArgs { json: payload, skip: 0, attachments } })
        }
        _ if is_object || (payload.starts_with('"') && payload.ends_with('"')) => {
            Ok(Packet::ConnectError { nsp, data: payload })
        }
        _ => Err(wrong("an object or a string")),
    }
}

const EVENT: &str = "an array that begins with a name";

/// `None` if the payload is no array that begins with a string or a number.
fn event(
    nsp: Namespace,
    ack: Option<AckId>,
    payload: &ByteString,
    attachments: Vec<Bytes>,
) -> Result<Option<Packet>, DecodeError> {
    let Some(name) = read_name(payload) else { return Ok(None) };
    if is_reserved(&name) {
        return Err(DecodeError::ReservedName { name: name.to_string() });
    }
    let args = RawArgs { json: payload.clone(), skip: 1, attachments };
    Ok(Some(Packet::Event { nsp, ack, name, args }))
}

/// The first element of the array, and not a byte more.
fn read_name(payload: &ByteString) -> Option<ByteString> {
    let inside = payload.strip_prefix('[')?.strip_suffix(']')?.trim_ascii_start();
    let Some(quoted) = inside.strip_prefix('"') else { return read_number(payload, inside) };
    let end = quoted.find(['"', '\\'])?;
    if quoted[end..].starts_with('"') {
        let follows = quoted[end + 1..].trim_ascii_start();
        let is_element = follows.is_empty() || follows.starts_with(',');
        return is_element.then(|| payload.slice_ref(&quoted[..end]));
    }
    // Some clients escape all that is not ASCII.
    let mut strings = serde_json::Deserializer::from_str(inside).into_iter::<String>();
    strings.next()?.ok().map(ByteString::from)
}

/// A name may be a number: then it is its digits.
fn read_number(payload: &ByteString, inside: &str) -> Option<ByteString> {
    let end = inside.find(|c: char| c == ',' || c.is_ascii_whitespace()).unwrap_or(inside.len());
    let number = &inside[..end];
    serde_json::from_str::<serde_json::Number>(number).ok()?;
    Some(payload.slice_ref(number))
}
