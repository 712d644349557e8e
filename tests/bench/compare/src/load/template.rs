//! Texts that differ in a number only.

use anyhow::{Context, Result, ensure};

/// Where the number stands, perhaps more than once.
pub(super) const NUMBER: &str = "##########";

/// No number begins with a zero, for some stand where JSON expects an integer.
const FIRST: u64 = 1_000_000_000;

/// A text with the same number of ten digits in some places.
pub(super) struct Template {
    bytes: Vec<u8>,
    places: Vec<usize>,
}

impl Template {
    pub(super) fn new(text: &str) -> Self {
        let places = text.match_indices(NUMBER).map(|(place, _)| place).collect();
        Self { bytes: text.as_bytes().to_vec(), places }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Appends the text with this number.
    pub(super) fn write(&self, number: u64, output: &mut Vec<u8>) {
        let start = output.len();
        output.extend_from_slice(&self.bytes);
        let mut digits = [b'0'; NUMBER.len()];
        let mut rest = FIRST + number;
        for digit in digits.iter_mut().rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        for place in &self.places {
            output[start + place..][..NUMBER.len()].copy_from_slice(&digits);
        }
    }

    /// The number in a text that is otherwise the same, byte for byte.
    pub(super) fn read(&self, text: &[u8]) -> Result<u64> {
        let number = self.places.first().and_then(|place| text.get(*place..place + NUMBER.len()));
        let number = match number {
            Some(digits) => std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()),
            None if self.places.is_empty() => Some(FIRST),
            None => None,
        };
        let number = number.and_then(|number: u64| number.checked_sub(FIRST));
        let number = number.with_context(|| self.unexpected(text))?;
        let mut expected = Vec::with_capacity(self.len());
        self.write(number, &mut expected);
        ensure!(expected == text, self.unexpected(text));
        Ok(number)
    }

    fn unexpected(&self, text: &[u8]) -> String {
        let [expected, came] = [&self.bytes, text]
            .map(|bytes| String::from_utf8_lossy(bytes).chars().take(80).collect::<String>());
        format!("expected {expected:?}, came {came:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let template = Template::new("a##########b##########");
        let mut text = Vec::new();
        template.write(234, &mut text);
        assert_eq!(text, b"a1000000234b1000000234");
        assert_eq!(template.read(&text).expect("the same"), 234);
    }

    #[test]
    fn another_text_is_refused() {
        let template = Template::new("a##########b##########");
        for other in [
            "",
            "a1000000234b1000000235",
            "a1000000234b1000000234c",
            "a0000000234b0000000234",
            "a1000000234",
            "a+100000023b+100000023",
        ] {
            template.read(other.as_bytes()).expect_err(other);
        }
        let error = template.read(b"b").expect_err("another").to_string();
        assert_eq!(error, r#"expected "a##########b##########", came "b""#);
    }

    #[test]
    fn a_text_without_a_number_is_the_same_each_time() {
        let template = Template::new("451-");
        assert_eq!(template.read(b"451-").expect("the same"), 0);
        template.read(b"450-").expect_err("another");
    }
}
