use engineio_packet::Bytes;
use serde::Serialize;

use crate::{EncodeError, RawArgs, json::to_json};

/// The JSON array of an event or an acknowledgement, while it is written.
#[derive(Debug)]
pub struct Payload {
    json: Vec<u8>,
    attachments: Vec<Bytes>,
    is_empty: bool,
}

impl Payload {
    /// `before` is what stands before the array.
    pub(crate) fn after(before: String) -> Self {
        let mut json = before.into_bytes();
        json.push(b'[');
        Self { json, attachments: Vec::new(), is_empty: true }
    }

    /// One more element.
    pub(crate) fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.comma();
        self.write(value)
    }

    /// The elements of a tuple or a list.
    pub(crate) fn push_all<T: Serialize>(&mut self, values: &T) -> Result<(), EncodeError> {
        let start = self.json.len();
        self.write(values)?;
        match &self.json[start..] {
            b"[]" | b"null" => self.json.truncate(start),
            [b'[', ..] => {
                self.json.pop();
                if self.is_empty {
                    self.json.remove(start);
                } else {
                    self.json[start] = b',';
                }
                self.is_empty = false;
            }
            other => {
                return Err(EncodeError::NoTuple {
                    came: String::from_utf8_lossy(other).chars().take(60).collect(),
                });
            }
        }
        Ok(())
    }

    /// The arguments that came, but for a name before them.
    pub(crate) fn push_raw(&mut self, raw: &RawArgs) -> Result<(), EncodeError> {
        let elements: Vec<&serde_json::value::RawValue> = serde_json::from_str(&raw.json)
            .map_err(|error| EncodeError::Value { problem: error.to_string() })?;
        let before = self.attachments.len();
        debug_assert_eq!(before, 0, "raw arguments stand alone");
        for element in elements.iter().skip(raw.skip) {
            self.comma();
            self.json.extend_from_slice(element.get().as_bytes());
        }
        self.attachments.extend_from_slice(&raw.attachments);
        Ok(())
    }

    /// What was written, and the bytes that were in it.
    pub(crate) fn finish(mut self) -> (String, Vec<Bytes>) {
        self.json.push(b']');
        let json = String::from_utf8(self.json).expect("serde_json writes UTF-8");
        (json, self.attachments)
    }

    fn comma(&mut self) {
        if !self.is_empty {
            self.json.push(b',');
        }
        self.is_empty = false;
    }

    fn write<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        to_json(value, &mut self.json, &mut self.attachments)
            .map_err(|error| EncodeError::Value { problem: error.to_string() })
    }
}
