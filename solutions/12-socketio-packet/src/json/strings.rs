//! Texts in one piece: serde_json looks at each byte of a text for what has to be escaped, and most texts hold
//! nothing of that.

use std::{
    cell::Cell,
    fmt::Display,
    io::{self, Write},
};

use serde::{
    Serialize, Serializer,
    ser::{
        SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};

/// serde_json's serializer, or a part of it, or a value on its way there: a text in which nothing has to be escaped
/// arrives as bytes, and the formatter is told.
pub(super) struct WithTexts<'a, T> {
    inner: T,
    /// Where the formatter is told. `None` where serde_json wants a text, and makes no string of it.
    is_text: Option<&'a Cell<bool>>,
}

impl<'a, T> WithTexts<'a, T> {
    pub(super) fn new(inner: T, is_text: &'a Cell<bool>) -> Self {
        Self { inner, is_text: Some(is_text) }
    }

    fn around<U>(&self, inner: U) -> WithTexts<'a, U> {
        WithTexts { inner, is_text: self.is_text }
    }
}

/// Whether a JSON string holds it as it is (RFC 8259, section 7).
fn is_plain(text: &str) -> bool {
    let is_escaped = |byte: u8| (byte < b' ') | (byte == b'"') | (byte == b'\\');
    // To the end, whatever is found: so the compiler can look at many bytes at once.
    !text.bytes().fold(false, |found, byte| found | is_escaped(byte))
}

/// Writes a text that arrived as bytes: in none of those is anything to escape.
pub(super) fn write_text<W: ?Sized + Write>(json: &mut W, text: &[u8]) -> io::Result<()> {
    json.write_all(b"\"")?;
    json.write_all(text)?;
    json.write_all(b"\"")
}

impl<T: ?Sized + Serialize> Serialize for WithTexts<'_, &T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.inner.serialize(self.around(serializer))
    }
}

/// Methods that pass on what they get.
macro_rules! pass_on {
    ($($method:ident($($arg:ident: $kind:ty),*))*) => {
        $(
            fn $method(self $(, $arg: $kind)*) -> Result<S::Ok, S::Error> {
                self.inner.$method($($arg),*)
            }
        )*
    };
}

/// Methods that pass on what they get, and a value in which there may be texts.
macro_rules! pass_on_around {
    ($($method:ident($($arg:ident: $kind:ty),*))*) => {
        $(
            fn $method<T: ?Sized + Serialize>(
                self $(, $arg: $kind)*, value: &T,
            ) -> Result<S::Ok, S::Error> {
                let value = self.around(value);
                self.inner.$method($($arg,)* &value)
            }
        )*
    };
}

/// Methods that begin something of many values.
macro_rules! begin {
    ($($method:ident($($arg:ident: $kind:ty),*) -> $many:ident)*) => {
        $(
            type $many = WithTexts<'a, S::$many>;

            fn $method(self, $($arg: $kind),*) -> Result<Self::$many, S::Error> {
                let is_text = self.is_text;
                Ok(WithTexts { inner: self.inner.$method($($arg),*)?, is_text })
            }
        )*
    };
}

impl<'a, S: Serializer> Serializer for WithTexts<'a, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeStruct = WithTexts<'a, S::SerializeStruct>;

    fn serialize_str(self, text: &str) -> Result<S::Ok, S::Error> {
        match self.is_text {
            Some(is_text) if is_plain(text) => {
                is_text.set(true);
                self.inner.serialize_bytes(text.as_bytes())
            }
            _ => self.inner.serialize_str(text),
        }
    }

    fn serialize_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        // A `RawValue`, or a number as it came.
        let is_raw = name.starts_with("$serde_json::private::");
        let is_text = self.is_text.filter(|_| !is_raw);
        Ok(WithTexts { inner: self.inner.serialize_struct(name, len)?, is_text })
    }

    pass_on! {
        serialize_bool(value: bool)
        serialize_i8(value: i8) serialize_i16(value: i16) serialize_i32(value: i32)
        serialize_i64(value: i64) serialize_i128(value: i128)
        serialize_u8(value: u8) serialize_u16(value: u16) serialize_u32(value: u32)
        serialize_u64(value: u64) serialize_u128(value: u128)
        serialize_f32(value: f32) serialize_f64(value: f64) serialize_char(value: char)
        serialize_bytes(value: &[u8]) serialize_none() serialize_unit()
        serialize_unit_struct(name: &'static str)
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str)
    }

    pass_on_around! {
        serialize_some()
        serialize_newtype_struct(name: &'static str)
        serialize_newtype_variant(name: &'static str, index: u32, variant: &'static str)
    }

    begin! {
        serialize_seq(len: Option<usize>) -> SerializeSeq
        serialize_map(len: Option<usize>) -> SerializeMap
        serialize_tuple(len: usize) -> SerializeTuple
        serialize_tuple_struct(name: &'static str, len: usize) -> SerializeTupleStruct
        serialize_tuple_variant(
            name: &'static str, index: u32, variant: &'static str, len: usize
        ) -> SerializeTupleVariant
        serialize_struct_variant(
            name: &'static str, index: u32, variant: &'static str, len: usize
        ) -> SerializeStructVariant
    }

    fn collect_str<T: ?Sized + Display>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// Something of many values, each behind its key or nothing.
macro_rules! many {
    ($($many:ident: $method:ident($($key:ident: $kind:ty)?))*) => {
        $(
            impl<S: $many> $many for WithTexts<'_, S> {
                type Ok = S::Ok;
                type Error = S::Error;

                fn $method<T: ?Sized + Serialize>(
                    &mut self, $($key: $kind,)? value: &T,
                ) -> Result<(), S::Error> {
                    let value = self.around(value);
                    self.inner.$method($($key,)? &value)
                }

                fn end(self) -> Result<S::Ok, S::Error> {
                    self.inner.end()
                }
            }
        )*
    };
}

many! {
    SerializeSeq: serialize_element()
    SerializeTuple: serialize_element()
    SerializeTupleStruct: serialize_field()
    SerializeTupleVariant: serialize_field()
    SerializeStruct: serialize_field(key: &'static str)
    SerializeStructVariant: serialize_field(key: &'static str)
}

impl<S: SerializeMap> SerializeMap for WithTexts<'_, S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), S::Error> {
        self.inner.serialize_key(key) // it is a string, whatever it is
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), S::Error> {
        let value = self.around(value);
        self.inner.serialize_value(&value)
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.inner.end()
    }
}
