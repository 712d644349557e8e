use std::io::{self, Write};

use engineio_packet::Bytes;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Appends a value as JSON. Bytes in it become attachments, and a placeholder stands where they were.
pub(crate) fn to_json<T: Serialize + ?Sized>(
    value: &T,
    json: &mut Vec<u8>,
    attachments: &mut Vec<Bytes>,
) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(json, Placeholders(attachments)))
}

struct Placeholders<'a>(&'a mut Vec<Bytes>);

impl Formatter for Placeholders<'_> {
    fn write_byte_array<W: ?Sized + Write>(
        &mut self,
        json: &mut W,
        bytes: &[u8],
    ) -> io::Result<()> {
        write!(json, r#"{{"_placeholder":true,"num":{}}}"#, self.0.len())?;
        self.0.push(Bytes::copy_from_slice(bytes));
        Ok(())
    }
}
