use std::{
    cell::Cell,
    io::{self, Write},
};

use engineio_packet::Bytes;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::strings::WithTexts;
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
    /// A value says that it is bytes, with `serialize_bytes`. So does a text with nothing in it to escape.
    fn write_byte_array<W: ?Sized + Write>(
        &mut self,
        json: &mut W,
        bytes: &[u8],
    ) -> io::Result<()> {
        if self.is_text.take() {
            json.write_all(b"\"")?;
            json.write_all(bytes)?;
            return json.write_all(b"\"");
        }
        // ANCHOR: step_12_4
        write!(json, r#"{{"_placeholder":true,"num":{}}}"#, self.attachments.len())?;
        self.attachments.push(Bytes::copy_from_slice(bytes));
        Ok(())
        // ANCHOR_END: step_12_4
    }
}
