//! MessagePack and CBOR as the values of JSON.
//!
//! Job: let decoders of protocols with several serialisations read one kind of value. Input: bytes.
//! Output: JSON values; bytes become what WAMP makes of them in JSON, a NUL and base64. RFC 8949.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// How deep values are nested at most.
const DEPTH: usize = 64;

/// Bytes as a text.
pub(super) fn bytes(bytes: &[u8]) -> Value {
    Value::String(format!("\0{}", STANDARD.encode(bytes)))
}

/// One value of MessagePack to the end of the bytes.
pub(super) fn msgpack(mut bytes: &[u8]) -> Option<Value> {
    let value = rmpv::decode::read_value_with_max_depth(&mut bytes, DEPTH).ok()?;
    bytes.is_empty().then(|| from_msgpack(value))
}

/// One value of CBOR to the end of the bytes.
pub(super) fn cbor(mut bytes: &[u8]) -> Option<Value> {
    let value = ciborium::de::from_reader_with_recursion_limit(&mut bytes, DEPTH).ok()?;
    bytes.is_empty().then(|| from_cbor(value))
}

fn from_msgpack(value: rmpv::Value) -> Value {
    match value {
        rmpv::Value::Nil => Value::Null,
        rmpv::Value::Boolean(value) => value.into(),
        rmpv::Value::Integer(value) => match (value.as_u64(), value.as_i64()) {
            (Some(value), _) => value.into(),
            (_, Some(value)) => value.into(),
            (None, None) => Value::Null,
        },
        rmpv::Value::F32(value) => value.into(),
        rmpv::Value::F64(value) => value.into(),
        rmpv::Value::String(value) => match value.as_str() {
            Some(text) => text.into(),
            None => bytes(value.as_bytes()),
        },
        rmpv::Value::Binary(value) | rmpv::Value::Ext(_, value) => bytes(&value),
        rmpv::Value::Array(items) => items.into_iter().map(from_msgpack).collect(),
        rmpv::Value::Map(members) => {
            let members = members.into_iter();
            object(members.map(|(name, value)| (from_msgpack(name), from_msgpack(value))))
        }
    }
}

fn from_cbor(value: ciborium::Value) -> Value {
    match value {
        ciborium::Value::Integer(value) => {
            let value = i128::from(value);
            match (u64::try_from(value), i64::try_from(value)) {
                (Ok(value), _) => value.into(),
                (_, Ok(value)) => value.into(),
                (Err(_), Err(_)) => value.to_string().into(),
            }
        }
        ciborium::Value::Bytes(value) => bytes(&value),
        ciborium::Value::Float(value) => value.into(),
        ciborium::Value::Text(value) => value.into(),
        ciborium::Value::Bool(value) => value.into(),
        ciborium::Value::Tag(_, value) => from_cbor(*value),
        ciborium::Value::Array(items) => items.into_iter().map(from_cbor).collect(),
        ciborium::Value::Map(members) => {
            let members = members.into_iter();
            object(members.map(|(name, value)| (from_cbor(name), from_cbor(value))))
        }
        _ => Value::Null,
    }
}

/// An object; names that are no text become what JSON writes for them.
fn object(members: impl Iterator<Item = (Value, Value)>) -> Value {
    let named = members.map(|(name, value)| match name {
        Value::String(name) => (name, value),
        other => (other.to_string(), value),
    });
    Value::Object(named.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_give_the_same_values() {
        let expected = json!([48, -1, null, true, 1.5, "a", "\0AQI=", {"b": [], "1": false}]);
        let packed = b"\x98\x30\xff\xc0\xc3\xcb\x3f\xf8\0\0\0\0\0\0\xa1a\xc4\x02\x01\x02\x82\xa1b\x90\x01\xc2";
        assert_eq!(msgpack(packed), Some(expected.clone()));
        let packed = b"\x88\x18\x30\x20\xf6\xf5\xf9\x3e\0\x61a\x42\x01\x02\xa2\x61b\x80\x01\xf4";
        assert_eq!(cbor(packed), Some(expected));
    }

    #[test]
    fn bytes_after_the_value_and_deep_values_are_refused() {
        assert_eq!((msgpack(b"\x01\x01"), cbor(b"\x01\x01")), (None, None));
        assert_eq!((msgpack(b""), cbor(b"")), (None, None));
        let deep = [vec![0x91; 100], vec![0x01]].concat();
        assert_eq!(msgpack(&deep), None);
        let deep = [vec![0x81; 100], vec![0x01]].concat();
        assert_eq!(cbor(&deep), None);
    }
}
