use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, IgnoredAny, SeqAccess, Visitor, value::SeqAccessDeserializer},
};

use crate::{Args, ArgsError, RawArgs, json::WithAttachments};

/// What the arguments of an event, or of an acknowledgement, can be read as.
///
/// Any type of serde's is exactly one argument. [`Args`] is a tuple of several. [`RawArgs`] is whatever
/// came.
pub trait FromArgs: Sized {
    /// Reads the arguments.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] if they are of another type, too few or too many.
    fn from_args(raw: RawArgs) -> Result<Self, ArgsError>;
}

impl FromArgs for RawArgs {
    fn from_args(raw: RawArgs) -> Result<Self, ArgsError> {
        Ok(raw)
    }
}

impl<T: DeserializeOwned> FromArgs for T {
    fn from_args(raw: RawArgs) -> Result<Self, ArgsError> {
        read(&raw, One(raw.skip, PhantomData))
    }
}

impl<T: DeserializeOwned> FromArgs for Args<T> {
    fn from_args(raw: RawArgs) -> Result<Self, ArgsError> {
        read(&raw, Several(raw.skip, PhantomData)).map(Args)
    }
}

fn read<'a, V: Visitor<'a>>(raw: &'a RawArgs, visitor: V) -> Result<V::Value, ArgsError> {
    let mut json = serde_json::Deserializer::from_str(&raw.json);
    let read = WithAttachments { inner: &mut json, attachments: &raw.attachments }
        .deserialize_seq(visitor)
        .and_then(|value| json.end().map(|()| value));
    read.map_err(|error| ArgsError { problem: error.to_string() })
}

/// Exactly one argument.
struct One<T>(usize, PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for One<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one argument")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        skip(self.0, &mut seq)?;
        let value = seq.next_element()?;
        let value = value.ok_or_else(|| A::Error::custom("expected one argument, came none"))?;
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(value),
            Some(_) => Err(A::Error::custom("expected one argument, came more")),
        }
    }
}

/// As many arguments as the tuple has.
struct Several<T>(usize, PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Several<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("arguments")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        skip(self.0, &mut seq)?;
        T::deserialize(SeqAccessDeserializer::new(seq))
    }
}

fn skip<'de, A: SeqAccess<'de>>(count: usize, seq: &mut A) -> Result<(), A::Error> {
    for _ in 0..count {
        seq.next_element::<IgnoredAny>()?;
    }
    Ok(())
}
