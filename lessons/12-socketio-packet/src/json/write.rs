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
        // TODO step 12.4: Bytes beside the text
        //
        // JSON has no bytes. So in their place stands `{"_placeholder":true,"num":0}`, and they
        // follow as messages of their own. For each value that says that it is bytes,
        // `write_placeholder` is called: append the placeholder with its number to `json`, and the
        // bytes to the list. `take_bytes` gets them at the other end: they belong to the packet
        // that waits (`UnexpectedBytes` if none does), and with the last one the packet is
        // complete, and waits no more. `deserialize_byte_buf` is called where a type wants bytes:
        // `Scan` reads the value that stands there, and says which attachment it means;
        // `self.attachments.take` gives its bytes. Any other value is an error of yours, by
        // `D::Error::custom`. (Socket.IO protocol, "Sending and receiving data", "Packet encoding")
        //
        // Stuck? cargo course hint 12.4
        todo!("step 12.4: Bytes beside the text (cargo course hint 12.4)")
    }
}
