use std::fmt::Write;

use engineio_packet::ByteString;

use crate::{AckId, DecodeError, Namespace};

/// What stands before the payload (Socket.IO protocol, "Packet encoding").
///
/// # Format
///
/// ```text
///   2            /admin,    12    ["news"]
///   5    2-      /admin,    12    ["news",{"_placeholder":true,"num":0},…]
///   kind count   namespace  ack   payload
/// ```
///
/// The count is there if bytes are; the namespace if it is not `/`; the ack id if an answer is wanted
/// or given.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) attachments: usize,
    pub(super) nsp: Namespace,
    pub(super) ack: Option<AckId>,
}

/// The first character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
    BinaryEvent,
    BinaryAck,
}

/// JavaScript counts exactly up to here.
const MAX_ACK_ID: u64 = 1 << 53;

impl Kind {
    /// In the order of their digits.
    const ALL: [Self; 7] = [
        Self::Connect,
        Self::Disconnect,
        Self::Event,
        Self::Ack,
        Self::ConnectError,
        Self::BinaryEvent,
        Self::BinaryAck,
    ];

    fn parse(came: Option<char>) -> Result<Self, DecodeError> {
        let digit = came.and_then(|first| first.to_digit(10));
        let kind = digit.and_then(|digit| Self::ALL.get(digit as usize));
        kind.copied().ok_or(DecodeError::UnknownType { came })
    }

    pub(super) fn digit(self) -> char {
        char::from(b'0' + self as u8)
    }
}

impl Header {
    /// Reads a header. The second value is what follows.
    pub(super) fn parse(
        text: &ByteString,
        max_attachments: usize,
    ) -> Result<(Self, &str), DecodeError> {
        let mut chars = text.chars();
        let kind = Kind::parse(chars.next())?;
        let mut rest = chars.as_str();
        let attachments = match kind {
            Kind::BinaryEvent | Kind::BinaryAck => {
                read_attachments(kind, &mut rest, max_attachments)?
            }
            _ => 0,
        };
        let nsp = read_namespace(&mut rest);
        let nsp = nsp.map_or(Namespace::MAIN, |nsp| Namespace::from_wire(text.slice_ref(nsp)));
        let ack = read_ack_id(&mut rest)?;
        Ok((Self { kind, attachments, nsp, ack }, rest))
    }
}

/// Takes the number of attachments off, and the dash behind it.
fn read_attachments(kind: Kind, rest: &mut &str, limit: usize) -> Result<usize, DecodeError> {
    let wrong = || DecodeError::Attachments { kind: kind.digit(), limit };
    let digits = take_digits(rest);
    *rest = rest.strip_prefix('-').ok_or_else(wrong)?;
    if digits.trim_start_matches('0').is_empty() {
        return Err(wrong());
    }
    // What no number holds is certainly too much.
    let came = digits.parse().unwrap_or(usize::MAX);
    refuse_too_many(came, limit)?;
    Ok(came)
}

/// Each attachment is kept until the last one has come.
fn refuse_too_many(came: usize, limit: usize) -> Result<(), DecodeError> {
    // ANCHOR: step_12_5
    if came > limit {
        return Err(DecodeError::TooManyAttachments { limit, came });
    }
    Ok(())
    // ANCHOR_END: step_12_5
}

/// Takes the namespace off, and the comma behind it. `None` if none is named.
fn read_namespace<'a>(rest: &mut &'a str) -> Option<&'a str> {
    // ANCHOR: step_12_1
    if !rest.starts_with('/') {
        return None;
    }
    let (name, behind) = rest.split_once(',').unwrap_or((*rest, ""));
    *rest = behind;
    Some(name)
    // ANCHOR_END: step_12_1
}

/// Takes the ack id off. `None` if none is there.
fn read_ack_id(rest: &mut &str) -> Result<Option<AckId>, DecodeError> {
    // ANCHOR: step_12_1_b
    let digits = take_digits(rest);
    if digits.is_empty() {
        return Ok(None);
    }
    match digits.parse() {
        Ok(id) if id <= MAX_ACK_ID => Ok(Some(AckId(id))),
        _ => Err(DecodeError::AckId { came: digits.chars().take(60).collect() }),
    }
    // ANCHOR_END: step_12_1_b
}

fn take_digits<'a>(rest: &mut &'a str) -> &'a str {
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, behind) = rest.split_at(end);
    *rest = behind;
    digits
}

/// Appends a header.
pub(super) fn write_header(
    text: &mut String,
    kind: Kind,
    attachments: usize,
    nsp: &Namespace,
    ack: Option<AckId>,
) {
    // ANCHOR: step_12_3
    text.push(kind.digit());
    if attachments > 0 {
        write!(text, "{attachments}-").expect("a String takes all");
    }
    if *nsp != Namespace::MAIN {
        *text += nsp.as_str();
        text.push(',');
    }
    if let Some(id) = ack {
        write!(text, "{id}").expect("a String takes all");
    }
    // ANCHOR_END: step_12_3
}
