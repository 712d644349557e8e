use std::io::{self, Write};

use engineio_packet::Bytes;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::EncodeError;

/// Appends a value as JSON. Bytes in it become attachments, and placeholders stand where they were.
pub(super) fn to_json<T: Serialize>(
    value: &T,
    json: &mut Vec<u8>,
    attachments: &mut Vec<Bytes>,
) -> Result<(), EncodeError> {
    let mut serializer = Serializer::with_formatter(json, Placeholders(attachments));
    value.serialize(&mut serializer).map_err(EncodeError::value)
}

struct Placeholders<'a>(&'a mut Vec<Bytes>);

impl Formatter for Placeholders<'_> {
    /// A value says that it is bytes, with `serialize_bytes`.
    fn write_byte_array<W: ?Sized + Write>(
        &mut self,
        json: &mut W,
        bytes: &[u8],
    ) -> io::Result<()> {
        // ANCHOR: step_12_4
        write!(json, r#"{{"_placeholder":true,"num":{}}}"#, self.0.len())?;
        self.0.push(Bytes::copy_from_slice(bytes));
        Ok(())
        // ANCHOR_END: step_12_4
    }
}
