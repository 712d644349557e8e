use engineio_packet::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use super::write::to_json;
use crate::EncodeError;

/// A JSON array while it is written, behind a header that stands there already.
#[derive(Debug)]
pub struct Elements {
    json: Vec<u8>,
    /// Where the array begins.
    start: usize,
    attachments: Vec<Bytes>,
}

impl Elements {
    pub(super) fn after(header: String) -> Self {
        Self { start: header.len(), json: header.into_bytes(), attachments: Vec::new() }
    }

    /// One more element.
    pub(crate) fn push<T: Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        // TODO step 12.3, continued: see `write_header` in src/json/header.rs
        todo!("step 12.3: Say it (cargo course hint 12.3)")
    }

    /// The elements of a tuple or a list.
    pub(crate) fn push_all<T: Serialize>(&mut self, values: &T) -> Result<(), EncodeError> {
        // TODO step 12.3, continued: see `write_header` in src/json/header.rs
        todo!("step 12.3: Say it (cargo course hint 12.3)")
    }

    /// The elements of an array that came, but for the first few.
    pub(crate) fn push_raw(
        &mut self,
        array: &str,
        skip: usize,
        attachments: &[Bytes],
    ) -> Result<(), EncodeError> {
        let elements: Vec<&RawValue> = serde_json::from_str(array).map_err(EncodeError::value)?;
        for element in elements.iter().skip(skip) {
            let separator = self.separator();
            self.json.push(separator);
            self.json.extend_from_slice(element.get().as_bytes());
        }
        self.attachments.extend_from_slice(attachments);
        Ok(())
    }

    /// What stands before the next element.
    fn separator(&self) -> u8 {
        if self.json.len() == self.start { b'[' } else { b',' }
    }

    /// The text, where its array begins, and the bytes that were in it.
    pub(super) fn finish(mut self) -> (String, usize, Vec<Bytes>) {
        if self.json.len() == self.start {
            self.json.push(b'[');
        }
        self.json.push(b']');
        let text = String::from_utf8(self.json).expect("JSON is written in UTF-8");
        (text, self.start, self.attachments)
    }
}
