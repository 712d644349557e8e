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
    // TODO step 12.5: Refuse
    //
    // All works, and all is believed. Four times the other end has to be refused. An announced
    // number of attachments above the limit: `TooManyAttachments`. A text while attachments are
    // missing: `TextInstead`. An event with a name from `is_reserved`: `ReservedName`. And a
    // placeholder for an attachment that nobody announced: `refuse_lost` reads the JSON to its end
    // with `Scan`, which finds each, and then asks whether that was really its end. (Socket.IO
    // protocol, "Sending and receiving data")
    //
    // Stuck? cargo course hint 12.5
    Ok(())
}

/// Takes the namespace off, and the comma behind it. `None` if none is named.
fn read_namespace<'a>(rest: &mut &'a str) -> Option<&'a str> {
    // TODO step 12.1: Take the header off
    //
    // Before the payload may stand a namespace and an ack id: `/admin,12["hello"]`. Each function
    // takes its part off the front of `rest`, and leaves there what follows. A namespace begins
    // with a slash; it ends before a comma, which goes away too, or with the text. An ack id is
    // digits: `take_digits` takes them off, however many there are, even none. A number above
    // `MAX_ACK_ID`, or too large for a `u64`, is `DecodeError::AckId`, with the first 60 of the
    // digits: there may be a megabyte of them. (Socket.IO protocol, "Packet encoding")
    //
    // Stuck? cargo course hint 12.1
    todo!("step 12.1: Take the header off (cargo course hint 12.1)")
}

/// Takes the ack id off. `None` if none is there.
fn read_ack_id(rest: &mut &str) -> Result<Option<AckId>, DecodeError> {
    // TODO step 12.1, continued: see `read_namespace` in src/json/header.rs
    todo!("step 12.1: Take the header off (cargo course hint 12.1)")
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
    // TODO step 12.3: Say it
    //
    // The other direction. `write_header` appends the kind's digit, then the number of attachments
    // and a dash if there are any, then the namespace and a comma if it is not `/`, then the ack
    // id. `push` appends one element of the array: before it stands what `separator` says, a `[` or
    // a comma. `push_all` appends all the elements of a tuple: serde writes it as an array of its
    // own, `[1,"two"]`, whose `[` becomes the separator, and whose `]` goes. `[]`, and `null`,
    // which is what `()` is written as, are no elements at all. Anything else is no tuple.
    // (Socket.IO protocol, "Packet encoding")
    //
    // Stuck? cargo course hint 12.3
    todo!("step 12.3: Say it (cargo course hint 12.3)")
}
