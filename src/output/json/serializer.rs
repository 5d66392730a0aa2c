//! How values become JSON.
//!
//! Job: write each value as it comes. Input: what serde says of a value. Output: bytes. RFC 8259.
//!
//! `serde_json` looks for characters to escape in the names of fields as well, and cannot be told that
//! there are none: of a short message's line that took as long as all the rest.

use std::fmt::Display;
use std::io::{self, Write};

use serde::ser::{self, Error as _, Serialize};
use serde_json::Error;

use super::buffer::Buffer;
use super::escaped::{displayed, string};

/// Writes one value.
pub(super) struct Serializer<'a, W> {
    out: Buffer<'a, W>,
    /// The value is a name.
    names: bool,
}

/// Writes what an array or an object holds, one after the other.
pub(super) struct Items<'s, 'a, W> {
    serializer: &'s mut Serializer<'a, W>,
    is_first: bool,
    close: &'static [u8],
}

fn failed(error: io::Error) -> Error {
    Error::custom(error)
}

impl<'a, W: Write> Serializer<'a, W> {
    pub(super) fn new(out: &'a mut W) -> Self {
        Self {
            out: Buffer::new(out),
            names: false,
        }
    }

    /// Writes what comes after the value, and hands on all that is written.
    pub(super) fn end(mut self, with: &[u8]) -> Result<(), Error> {
        self.put(with)?;
        self.out.flush().map_err(failed)
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.out.put(bytes).map_err(failed)
    }

    /// Writes what is no string, and one all the same where it is a name. RFC 8259 §4.
    #[inline]
    fn bare(&mut self, value: &[u8]) -> Result<(), Error> {
        if !self.names {
            return self.put(value);
        }
        self.put(b"\"")?;
        self.put(value)?;
        self.put(b"\"")
    }

    fn open(&mut self, open: &[u8], close: &'static [u8]) -> Result<Items<'_, 'a, W>, Error> {
        self.put(open)?;
        Ok(Items {
            serializer: self,
            is_first: true,
            close,
        })
    }

    /// Opens an array or an object in the object that says of which variant it is.
    fn variant(
        &mut self,
        variant: &'static str,
        open: &[u8],
        close: &'static [u8],
    ) -> Result<Items<'_, 'a, W>, Error> {
        self.put(b"{")?;
        self.name(variant)?;
        self.open(open, close)
    }

    /// Writes the name of a field, which has nothing to escape.
    #[inline]
    fn name(&mut self, name: &str) -> Result<(), Error> {
        debug_assert!(
            name.bytes()
                .all(|byte| { matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\' })
        );
        self.put(b"\"")?;
        self.put(name.as_bytes())?;
        self.put(b"\":")
    }
}

impl<W: Write> Items<'_, '_, W> {
    /// Writes what is between two of them.
    #[inline]
    fn next(&mut self) -> Result<(), Error> {
        if std::mem::take(&mut self.is_first) {
            return Ok(());
        }
        self.serializer.put(b",")
    }

    #[inline]
    fn item<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
        self.next()?;
        value.serialize(&mut *self.serializer)
    }

    #[inline]
    fn field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.next()?;
        self.serializer.name(name)?;
        value.serialize(&mut *self.serializer)
    }

    #[inline]
    fn close(self) -> Result<(), Error> {
        self.serializer.put(self.close)
    }
}

/// Writes numbers that `itoa` knows.
macro_rules! integers {
    ($($method:ident: $integer:ty),*) => {$(
        #[inline]
        fn $method(self, value: $integer) -> Result<(), Error> {
            self.bare(itoa::Buffer::new().format(value).as_bytes())
        }
    )*};
}

impl<'s, 'a, W: Write> ser::Serializer for &'s mut Serializer<'a, W> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'s, 'a, W>;
    type SerializeTuple = Items<'s, 'a, W>;
    type SerializeTupleStruct = Items<'s, 'a, W>;
    type SerializeTupleVariant = Items<'s, 'a, W>;
    type SerializeMap = Items<'s, 'a, W>;
    type SerializeStruct = Items<'s, 'a, W>;
    type SerializeStructVariant = Items<'s, 'a, W>;

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    );

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.bare(if value { b"true" } else { b"false" })
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        serde_json::to_writer(&mut self.out, &value)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        serde_json::to_writer(&mut self.out, &value)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), Error> {
        string(&mut self.out, value).map_err(failed)
    }

    /// JSON has no bytes: they are numbers.
    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.put(b"null")
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.put(b"{")?;
        self.name(variant)?;
        value.serialize(&mut *self)?;
        self.put(b"}")
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Self::SerializeSeq, Error> {
        self.open(b"[", b"]")
    }

    fn serialize_tuple(self, _len: usize) -> Result<Self::SerializeTuple, Error> {
        self.open(b"[", b"]")
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleStruct, Error> {
        self.open(b"[", b"]")
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        self.variant(variant, b"[", b"]}")
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Self::SerializeMap, Error> {
        self.open(b"{", b"}")
    }

    fn serialize_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStruct, Error> {
        self.open(b"{", b"}")
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        self.variant(variant, b"{", b"}}")
    }

    fn collect_str<T: ?Sized + Display>(self, value: &T) -> Result<(), Error> {
        displayed(&mut self.out, value).map_err(failed)
    }
}

/// What an array holds.
macro_rules! items {
    ($($of:ident::$method:ident),*) => {$(
        impl<W: Write> ser::$of for Items<'_, '_, W> {
            type Ok = ();
            type Error = Error;

            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<(), Error> {
                self.close()
            }
        }
    )*};
}

items!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

/// What an object holds whose names are in the code.
macro_rules! fields {
    ($($of:ident),*) => {$(
        impl<W: Write> ser::$of for Items<'_, '_, W> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn serialize_field<T: ?Sized + Serialize>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Error> {
                self.close()
            }
        }
    )*};
}

fields!(SerializeStruct, SerializeStructVariant);

impl<W: Write> ser::SerializeMap for Items<'_, '_, W> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Error> {
        self.next()?;
        self.serializer.names = true;
        key.serialize(&mut *self.serializer)?;
        self.serializer.names = false;
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
        self.serializer.put(b":")?;
        value.serialize(&mut *self.serializer)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

#[cfg(test)]
mod tests;
