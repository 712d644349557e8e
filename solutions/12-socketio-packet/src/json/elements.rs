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
    /// Whether it was another packet's, and its placeholders were looked at when it came.
    is_raw: bool,
}

impl Elements {
    pub(super) fn after(header: String) -> Self {
        let start = header.len();
        Self { json: header.into_bytes(), start, attachments: Vec::new(), is_raw: false }
    }

    /// One more element.
    pub(crate) fn push<T: Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        // ANCHOR: step_12_3_b
        let separator = self.separator();
        self.json.push(separator);
        to_json(value, &mut self.json, &mut self.attachments)
        // ANCHOR_END: step_12_3_b
    }

    /// The elements of a tuple or a list.
    pub(crate) fn push_all<T: Serialize>(&mut self, values: &T) -> Result<(), EncodeError> {
        // ANCHOR: step_12_3_c
        let (start, separator) = (self.json.len(), self.separator());
        to_json(values, &mut self.json, &mut self.attachments)?;
        match &self.json[start..] {
            b"[]" | b"null" => self.json.truncate(start),
            [b'[', ..] => {
                self.json[start] = separator;
                self.json.pop();
            }
            other => return Err(EncodeError::no_tuple(String::from_utf8_lossy(other))),
        }
        Ok(())
        // ANCHOR_END: step_12_3_c
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
        self.is_raw = true;
        Ok(())
    }

    /// What stands before the next element.
    fn separator(&self) -> u8 {
        if self.json.len() == self.start { b'[' } else { b',' }
    }

    /// The text, where its array begins, and the bytes that were in it.
    pub(super) fn finish(mut self) -> Result<(String, usize, Vec<Bytes>), EncodeError> {
        if self.json.len() == self.start {
            self.json.push(b'[');
        }
        self.json.push(b']');
        let text = String::from_utf8(self.json).expect("JSON is written in UTF-8");
        if !self.attachments.is_empty() && !self.is_raw {
            refuse_pretended(&text[self.start..], self.attachments.len())?;
        }
        Ok((text, self.start, self.attachments))
    }
}

/// A value that somebody sent as "any JSON" may look like a placeholder. Beside bytes it would be one, and if
/// it means no attachment, all who get it close their connections.
fn refuse_pretended(json: &str, attachments: usize) -> Result<(), EncodeError> {
    // This is a key: inside of a string, the quote behind it is escaped. One character is found faster than many.
    let is_key =
        |at: usize| json[..at].ends_with('"') && json[at..].starts_with(r#"_placeholder":"#);
    let placeholders = json.match_indices('_').filter(|(at, _)| is_key(*at)).count();
    if placeholders == attachments { Ok(()) } else { Err(EncodeError::Placeholder) }
}
