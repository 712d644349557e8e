use std::{
    cell::Cell,
    io::{self, Write},
};

use engineio_packet::Bytes;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::strings::{WithTexts, write_text};
use crate::EncodeError;

/// Appends a value as JSON. Bytes in it become attachments, and placeholders stand where they were.
pub(super) fn to_json<T: Serialize>(
    value: &T,
    json: &mut Vec<u8>,
    attachments: &mut Vec<Bytes>,
) -> Result<(), EncodeError> {
    let is_text = Cell::new(false);
    let formatter = Placeholders { attachments, is_text: &is_text };
    let mut serializer = Serializer::with_formatter(json, formatter);
    value.serialize(WithTexts::new(&mut serializer, &is_text)).map_err(EncodeError::value)
}

struct Placeholders<'a> {
    attachments: &'a mut Vec<Bytes>,
    /// What comes next as bytes is a text.
    is_text: &'a Cell<bool>,
}

impl Formatter for Placeholders<'_> {
    fn write_byte_array<W: ?Sized + Write>(
        &mut self,
        json: &mut W,
        bytes: &[u8],
    ) -> io::Result<()> {
        match self.is_text.take() {
            true => write_text(json, bytes),
            false => self.write_placeholder(json, bytes),
        }
    }
}

impl Placeholders<'_> {
    /// A value said that it is bytes, with `serialize_bytes`.
    fn write_placeholder<W: ?Sized + Write>(
        &mut self,
        json: &mut W,
        bytes: &[u8],
    ) -> io::Result<()> {
        // ANCHOR: step_12_4
        write!(json, r#"{{"_placeholder":true,"num":{}}}"#, self.attachments.len())?;
        self.attachments.push(Bytes::copy_from_slice(bytes));
        Ok(())
        // ANCHOR_END: step_12_4
    }
}
