use engineio_packet::ByteString;

use crate::{AckId, DecodeError, Namespace};

/// What stands before the payload.
///
/// # Format
///
/// ```text
///   2            /admin,    12    ["news"]
///   5    2-      /admin,    12    ["news",{"_placeholder":true,"num":0},…]
///   type count   namespace  ack   payload
/// ```
///
/// The count is there if bytes are; the namespace if it is not `/`; the ack id if an answer is wanted
/// or given.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: char,
    pub(crate) attachments: usize,
    pub(crate) nsp: Namespace,
    pub(crate) ack: Option<AckId>,
}

/// JavaScript counts exactly up to here.
const MAX_ACK_ID: u64 = 1 << 53;

impl Header {
    /// Reads a header. The second value is what follows.
    pub(crate) fn parse(
        text: &ByteString,
        max_attachments: usize,
    ) -> Result<(Self, ByteString), DecodeError> {
        let mut rest: &str = text;
        let kind = rest.chars().next();
        let Some(kind @ '0'..='6') = kind else {
            return Err(DecodeError::UnknownType { came: kind });
        };
        rest = &rest[1..];
        let attachments = match kind {
            '5' | '6' => read_attachments(kind, &mut rest, max_attachments)?,
            _ => 0,
        };
        let nsp = read_namespace(text, &mut rest);
        let ack = read_ack_id(&mut rest)?;
        Ok((Self { kind, attachments, nsp, ack }, text.slice_ref(rest)))
    }

    /// Writes the header.
    pub(crate) fn write(&self, text: &mut String) {
        text.push(self.kind);
        if self.attachments > 0 {
            text.push_str(&self.attachments.to_string());
            text.push('-');
        }
        if self.nsp != Namespace::MAIN {
            text.push_str(self.nsp.as_str());
            text.push(',');
        }
        if let Some(AckId(id)) = self.ack {
            text.push_str(&id.to_string());
        }
    }
}

fn read_attachments(kind: char, rest: &mut &str, limit: usize) -> Result<usize, DecodeError> {
    let wrong = DecodeError::Attachments { kind, limit };
    let (digits, behind) = rest.split_once('-').ok_or(wrong.clone())?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong);
    }
    // What no number holds is certainly too much.
    let came = digits.parse().unwrap_or(usize::MAX);
    if came == 0 {
        return Err(wrong);
    }
    if came > limit {
        return Err(DecodeError::TooManyAttachments { limit, came });
    }
    *rest = behind;
    Ok(came)
}

/// It begins with a slash, and ends with a comma or with the text.
fn read_namespace(text: &ByteString, rest: &mut &str) -> Namespace {
    if !rest.starts_with('/') {
        return Namespace::MAIN;
    }
    let (name, behind) = rest.split_once(',').unwrap_or((rest, ""));
    *rest = behind;
    Namespace::from_wire(text.slice_ref(name))
}

fn read_ack_id(rest: &mut &str) -> Result<Option<AckId>, DecodeError> {
    let end = rest.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, behind) = rest.split_at(end);
    if digits.is_empty() {
        return Ok(None);
    }
    let id = digits.parse().ok().filter(|id| *id <= MAX_ACK_ID);
    let id = id.ok_or_else(|| DecodeError::AckId { came: digits.to_owned() })?;
    *rest = behind;
    Ok(Some(AckId(id)))
}
