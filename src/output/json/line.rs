//! A value as one line of JSON.
//!
//! Job: serialize it. Input: values. Output: bytes.

use std::io::Write;

use serde::Serialize;
use serde_json::Serializer;

use super::escaped::Escaped;

/// Adds `value` as one line to an output that cannot fail.
pub fn line(value: &impl Serialize, out: &mut impl Write) {
    let mut serializer = Serializer::with_formatter(&mut *out, Escaped::default());
    let written = value.serialize(&mut serializer);
    debug_assert!(written.is_ok(), "{written:?}");
    let _ = out.write_all(b"\n");
}
