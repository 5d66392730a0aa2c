//! MessagePack and CBOR as text.
//!
//! Job: write a value in the diagnostic notation. Input: a whole payload. Output: text, where the
//! payload is one map or array to its last byte. RFC 8949 §8; of MessagePack the same signs.

use std::fmt::Write;

/// How deep values are nested at most.
const DEPTH: usize = 64;

/// The text of MessagePack.
pub(super) fn msgpack(mut bytes: &[u8]) -> Option<String> {
    let value = rmpv::decode::read_value_with_max_depth(&mut bytes, DEPTH).ok()?;
    if !bytes.is_empty() || !(value.is_map() || value.is_array()) {
        return None;
    }
    let mut out = String::new();
    packed(&value, &mut out);
    Some(out)
}

/// The text of CBOR.
pub(super) fn cbor(mut bytes: &[u8]) -> Option<String> {
    let value: ciborium::Value =
        ciborium::de::from_reader_with_recursion_limit(&mut bytes, DEPTH).ok()?;
    let mut inner = &value;
    while let ciborium::Value::Tag(_, tagged) = inner {
        inner = tagged;
    }
    if !bytes.is_empty() || !(inner.is_map() || inner.is_array()) {
        return None;
    }
    let mut out = String::new();
    concise(&value, &mut out);
    Some(out)
}

fn packed(value: &rmpv::Value, out: &mut String) {
    use rmpv::Value;

    match value {
        Value::Nil => out.push_str("null"),
        Value::Boolean(truth) => push(out, truth),
        Value::Integer(number) => push(out, number),
        Value::F32(number) => float(f64::from(*number), out),
        Value::F64(number) => float(*number, out),
        Value::String(string) => match string.as_str() {
            Some(string) => text(string, out),
            None => hex(string.as_bytes(), out),
        },
        Value::Binary(bytes) => hex(bytes, out),
        Value::Ext(kind, bytes) => {
            push(out, kind);
            out.push('(');
            hex(bytes, out);
            out.push(')');
        }
        Value::Array(items) => list(items, out, packed),
        Value::Map(members) => map(members, out, packed),
    }
}

fn concise(value: &ciborium::Value, out: &mut String) {
    use ciborium::Value;

    match value {
        Value::Integer(number) => push(out, &i128::from(*number)),
        Value::Bytes(bytes) => hex(bytes, out),
        Value::Float(number) => float(*number, out),
        Value::Text(string) => text(string, out),
        Value::Bool(truth) => push(out, truth),
        Value::Null => out.push_str("null"),
        Value::Tag(tag, inner) => {
            push(out, tag);
            out.push('(');
            concise(inner, out);
            out.push(')');
        }
        Value::Array(items) => list(items, out, concise),
        Value::Map(members) => map(members, out, concise),
        _ => out.push_str("undefined"),
    }
}

fn push(out: &mut String, value: &dyn std::fmt::Display) {
    let _ = write!(out, "{value}");
}

/// RFC 8949 §8: a float is seen to be one.
fn float(number: f64, out: &mut String) {
    match number {
        _ if number.is_nan() => out.push_str("NaN"),
        f64::INFINITY => out.push_str("Infinity"),
        f64::NEG_INFINITY => out.push_str("-Infinity"),
        _ => {
            let _ = write!(out, "{number:?}");
        }
    }
}

fn text(string: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(string).to_string());
}

fn hex(bytes: &[u8], out: &mut String) {
    out.push_str("h'");
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.push('\'');
}

fn list<T>(items: &[T], out: &mut String, one: fn(&T, &mut String)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        one(item, out);
    }
    out.push(']');
}

fn map<T>(members: &[(T, T)], out: &mut String, one: fn(&T, &mut String)) {
    out.push('{');
    for (index, (name, value)) in members.iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        one(name, out);
        out.push_str(": ");
        one(value, out);
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_all_kinds() {
        let packed =
            b"\x96\x30\xff\xc0\xc3\xcb\x3f\xf8\0\0\0\0\0\0\x82\xa1b\xc4\x02\x01\x02\x01\x90";
        let expected = "[48, -1, null, true, 1.5, {\"b\": h'0102', 1: []}]";
        assert_eq!(msgpack(packed).as_deref(), Some(expected));
        let concise = b"\x87\x18\x30\x20\xf6\xf5\xf9\x3e\0\xc1\x01\xa2\x61b\x42\x01\x02\x01\x80";
        let expected = "[48, -1, null, true, 1.5, 1(1), {\"b\": h'0102', 1: []}]";
        assert_eq!(cbor(concise).as_deref(), Some(expected));
    }

    #[test]
    fn what_is_no_map_or_array_to_its_last_byte_is_not_taken_for_one() {
        for bytes in [
            &b""[..],
            b"\x01",
            b"\x90\x90",
            b"\xa1",
            b"text",
            b"\x92\x01",
        ] {
            assert_eq!(msgpack(bytes), None, "{bytes:?}");
        }
        for bytes in [&b""[..], b"\x01", b"\x80\x80", b"\xc1\x01", b"\x82\x01"] {
            assert_eq!(cbor(bytes), None, "{bytes:?}");
        }
    }
}
