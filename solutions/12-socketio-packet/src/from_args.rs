use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, Error, IgnoredAny, SeqAccess, Visitor,
        value::SeqAccessDeserializer,
    },
    forward_to_deserialize_any,
};

use crate::{Args, ArgsError, RawArgs, json, raw_args::Raw};

/// What the arguments of an event, or of an acknowledgement, can be read as.
///
/// Any type of serde's is exactly one argument; if none came, `()` and an `Option` take that for
/// JavaScript's `undefined`. [`Args`] is a tuple of several. [`RawArgs`] is whatever came.
#[diagnostic::on_unimplemented(
    message = "arguments cannot be read as `{Self}`",
    label = "expected a type that implements `serde::Deserialize`, or `Args` of a tuple of them"
)]
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
        read(&raw, || Several::<IgnoredAny>(PhantomData))?; // whatever they are, they have to be arguments
        Ok(raw)
    }
}

impl<T: DeserializeOwned> FromArgs for T {
    fn from_args(raw: RawArgs) -> Result<Self, ArgsError> {
        read(&raw, || One(PhantomData))
    }
}

impl<T: DeserializeOwned> FromArgs for Args<T> {
    fn from_args(raw: RawArgs) -> Result<Self, ArgsError> {
        read(&raw, || Several(PhantomData)).map(Args)
    }
}

/// A parser may need several visitors: one for each time that it reads.
fn read<V: for<'de> Visitor<'de, Value = T>, T>(
    raw: &RawArgs,
    inner: impl Fn() -> V,
) -> Result<T, ArgsError> {
    if raw.first < usize::MAX
        && let Ok(value) = read_first(raw, raw.first, &inner)
    {
        return Ok(value);
    }
    read_first(raw, usize::MAX, inner)
}

fn read_first<V: for<'de> Visitor<'de, Value = T>, T>(
    raw: &RawArgs,
    first: usize,
    inner: impl Fn() -> V,
) -> Result<T, ArgsError> {
    let visitor = || Behind { skip: raw.skip, first, inner: inner() };
    match &raw.array {
        Raw::Json(array) => json::read_args(array, &raw.attachments, visitor()),
        #[cfg(feature = "msgpack")]
        Raw::MsgPack(array) => crate::msgpack::read_args(array, visitor),
    }
}

/// So many elements behind those to skip, and no more of them than the type takes.
struct Behind<V> {
    skip: usize,
    first: usize,
    inner: V,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Behind<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<V::Value, A::Error> {
        for _ in 0..self.skip {
            seq.next_element::<IgnoredAny>()?;
        }
        let mut elements = First { left: self.first, seq: &mut seq };
        let value = self.inner.visit_seq(&mut elements)?;
        if elements.next_element::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom("expected fewer arguments, came more"));
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {} // not meant
        Ok(value)
    }
}

/// As if the others had not come.
struct First<A> {
    left: usize,
    seq: A,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for First<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        self.seq.next_element_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.seq.size_hint().map(|all| all.min(self.left))
    }
}

/// One argument.
struct One<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for One<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one argument")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        // ANCHOR: step_12_2_b
        match seq.next_element()? {
            Some(value) => Ok(value),
            None => T::deserialize(Undefined(PhantomData)),
        }
        // ANCHOR_END: step_12_2_b
    }
}

/// As many arguments as the tuple has.
struct Several<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Several<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("arguments")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::deserialize(Elements(seq))
    }
}

/// The argument that did not come.
struct Undefined<E>(PhantomData<E>);

impl<'de, E: Error> Deserializer<'de> for Undefined<E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, E> {
        Err(E::custom("expected an argument, came none"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Several arguments as a value: a tuple, a list, or, where `()` is asked for, none of them.
struct Elements<A>(A);

impl<'de, A: SeqAccess<'de>> Deserializer<'de> for Elements<A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        SeqAccessDeserializer::new(self.0).deserialize_any(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
