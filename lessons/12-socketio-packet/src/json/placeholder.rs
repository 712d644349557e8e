//! `{"_placeholder":true,"num":0}`: here the first attachment belongs.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};

/// Reads JSON to its end, and refuses a placeholder that means no attachment.
///
/// Whoever passes the packet on would pass the mistake on, too.
pub(super) fn refuse_lost(json: &str, attachments: usize) -> serde_json::Result<()> {
    // TODO step 12.5, continued: see `refuse_too_many` in src/json/header.rs
    Ok(())
}

/// Reads any value, and says which attachment it means, if it is a placeholder.
#[derive(Clone, Copy)]
pub(super) struct Scan {
    pub(super) attachments: usize,
}

/// A value, as far as placeholders go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Placeholder(usize),
    True,
    Number(u64),
    Other,
}

impl<'de> DeserializeSeed<'de> for Scan {
    type Value = Seen;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Seen, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scan {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Seen, E> {
        Ok(if value { Seen::True } else { Seen::Other })
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Seen, E> {
        Ok(Seen::Number(value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Seen, A::Error> {
        while seq.next_element_seed(self)?.is_some() {}
        Ok(Seen::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Seen, A::Error> {
        let (mut is_placeholder, mut num) = (false, Seen::Other);
        while let Some(key) = map.next_key::<Key>()? {
            let value = map.next_value_seed(self)?;
            match key {
                Key::Placeholder => is_placeholder = value == Seen::True,
                Key::Num => num = value,
                Key::Other => {}
            }
        }
        if !is_placeholder {
            return Ok(Seen::Other);
        }
        match num {
            Seen::Number(num) if num < self.attachments as u64 => {
                Ok(Seen::Placeholder(num as usize))
            }
            _ => Err(A::Error::custom(format!(
                "expected in a placeholder a num below {}, the number of attachments, came another",
                self.attachments
            ))),
        }
    }
}

/// The keys of a placeholder.
#[derive(Deserialize)]
#[serde(field_identifier)]
enum Key {
    #[serde(rename = "_placeholder")]
    Placeholder,
    #[serde(rename = "num")]
    Num,
    #[serde(other)]
    Other,
}
