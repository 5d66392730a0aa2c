//! A value as one line of JSON.
//!
//! Job: serialize it. Input: values. Output: bytes.

use std::io::Write;

use serde::Serialize;

use super::serializer::Serializer;

/// Adds `value` as one line to an output that cannot fail.
pub fn line(value: &impl Serialize, out: &mut impl Write) {
    let mut serializer = Serializer::new(out);
    let written = value.serialize(&mut serializer);
    let written = written.and_then(|()| serializer.end(b"\n"));
    debug_assert!(written.is_ok(), "{written:?}");
}
