use rmp::Marker;
use rmp::decode::{read_array_len, read_marker};
use rmp::encode::write_array_len;
use rmp_serde::Serializer;
use serde::Serialize;

use super::take::take_value;
use crate::EncodeError;

/// An array while it is written. How many elements it has stands before them.
#[derive(Debug, Default)]
pub struct Elements {
    elements: Vec<u8>,
    count: u32,
}

impl Elements {
    /// One more element.
    pub(crate) fn push<T: Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.write(value)?;
        self.count += 1;
        Ok(())
    }

    /// The elements of a tuple or a list.
    pub(crate) fn push_all<T: Serialize>(&mut self, values: &T) -> Result<(), EncodeError> {
        let start = self.elements.len();
        self.write(values)?;
        let mut written = &self.elements[start..];
        if read_marker(&mut &*written).is_ok_and(|marker| marker == Marker::Null) {
            self.elements.truncate(start);
            return Ok(());
        }
        let came = |_| EncodeError::no_tuple("a single value");
        self.count += read_array_len(&mut written).map_err(came)?;
        let behind = self.elements.len() - written.len();
        self.elements.drain(start..behind);
        Ok(())
    }

    /// The elements of an array that came, but for the first few.
    pub(crate) fn push_raw(&mut self, mut array: &[u8], skip: usize) -> Result<(), EncodeError> {
        let count = read_array_len(&mut array).map_err(EncodeError::value)?;
        for _ in 0..skip {
            take_value(&mut array).map_err(EncodeError::value)?;
        }
        self.elements.extend_from_slice(array);
        self.count += count.saturating_sub(skip as u32);
        Ok(())
    }

    fn write<T: Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        // As in JSON: a struct has names, and a date is a text.
        let mut serializer =
            Serializer::new(&mut self.elements).with_struct_map().with_human_readable();
        value.serialize(&mut serializer).map_err(EncodeError::value)
    }

    /// Appends the array.
    pub(super) fn append_to(&self, out: &mut Vec<u8>) {
        write_array_len(out, self.count).expect("a Vec takes all");
        self.append_elements_to(out);
    }

    /// Appends the elements without their number.
    pub(super) fn append_elements_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.elements);
    }
}
