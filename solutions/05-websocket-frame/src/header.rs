use crate::payload_length::{read_length, write_length};
use crate::strict::{
    refuse_longer_form, refuse_misused_control, refuse_reserved_bits, refuse_wrong_mask,
};
use crate::{Config, FirstBytes, FrameError, HeaderBytes, MaskKey, Opcode};

/// What stands before a payload (RFC 6455, section 5.2).
///
/// # Format
///
/// ```text
/// │ first bytes │ more length │ mask key │ payload …
/// │      2      │  0, 2 or 8  │  0 or 4  │
/// ```
///
/// A sender may write a header alone: when one payload goes to many, it is shared, and only what
/// stands before it is made for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Whether this frame is the last one of its message.
    pub is_final: bool,
    /// What kind of frame it is.
    pub opcode: Opcode,
    /// What the payload is masked with, if it is.
    pub mask: Option<MaskKey>,
    /// In bytes.
    pub payload_len: u64,
}

impl FrameHeader {
    /// Reads the header that `bytes` begin with, and says how many of them it takes; `None` while
    /// it is not complete.
    ///
    /// Each rule is checked as soon as its bytes are here: most of them after two.
    ///
    /// # Errors
    ///
    /// When a peer that follows the protocol does not send this, or when the payload would be
    /// longer than [`Config::max_payload`].
    pub fn decode(bytes: &[u8], config: &Config) -> Result<Option<(Self, usize)>, FrameError> {
        let Some((first, rest)) = bytes.split_first_chunk() else { return Ok(None) };
        let first = FirstBytes::parse(*first);
        let opcode = Opcode::from_bits(first.opcode)?;
        refuse_reserved_bits(first)?;
        refuse_misused_control(first, opcode)?;
        refuse_wrong_mask(first, config.role)?;

        let Some((payload_len, rest)) = read_length(first.length, rest) else { return Ok(None) };
        refuse_longer_form(first.length, payload_len)?;
        config.check_payload(payload_len)?;

        let Some((mask, rest)) = read_mask(first.is_masked, rest) else { return Ok(None) };
        let header = Self { is_final: first.is_final, opcode, mask, payload_len };
        Ok(Some((header, bytes.len() - rest.len())))
    }

    /// The header as it is sent. The length takes the shortest form.
    #[must_use]
    pub fn to_bytes(&self) -> HeaderBytes {
        let (length, more_length) = write_length(self.payload_len);
        let first = FirstBytes {
            is_final: self.is_final,
            reserved: 0,
            opcode: self.opcode.bits(),
            is_masked: self.mask.is_some(),
            length,
        };
        let mut bytes = HeaderBytes::of(&first.to_bytes());
        bytes.append(&more_length);
        if let Some(MaskKey(key)) = self.mask {
            bytes.extend(&key);
        }
        bytes
    }
}

/// The mask key, if there is to be one, and what follows it; `None` while it is not complete.
fn read_mask(is_masked: bool, rest: &[u8]) -> Option<(Option<MaskKey>, &[u8])> {
    if !is_masked {
        return Some((None, rest));
    }
    let (key, rest) = rest.split_first_chunk()?;
    Some((Some(MaskKey(*key)), rest))
}
