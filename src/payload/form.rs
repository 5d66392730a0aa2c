//! A payload as a reader wants it.
//!
//! Job: take off a compression, and write what is binary in words. Input: a whole payload. Output:
//! text, and what it was.

use super::diagnostic::{cbor, msgpack};
use super::encoding::{Inflated, encoding};

/// A payload in another form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What it was: `gzip`, `msgpack`, or both as `gzip, msgpack`.
    pub was: String,
    /// What it says; `None` where that is no text.
    pub text: Option<String>,
    /// The bytes that were in the compression, where there was one.
    pub inflated: Option<Inflated>,
}

/// What a whole payload says, where it is compressed, MessagePack or CBOR; at most so many bytes are
/// inflated. What a stream over several messages makes of it is `inflated` already.
pub fn shown(payload: &[u8], inflated: Option<&Inflated>, most: usize) -> Option<Shown> {
    let inflated = inflated.cloned().or_else(|| encoding(payload, most));
    if let Some(inside) = inflated.as_ref().filter(|inside| !inside.holes.is_empty()) {
        return Some(Shown {
            was: inside.encoding.name().to_owned(),
            text: None,
            inflated,
        });
    }
    let bytes = inflated.as_ref().map_or(payload, |inside| &inside.bytes);
    let binary = || {
        let packed = msgpack(bytes).map(|text| ("msgpack", text));
        packed.or_else(|| cbor(bytes).map(|text| ("cbor", text)))
    };
    let cut = inflated.as_ref().is_some_and(|inside| inside.cut);
    let text = match std::str::from_utf8(bytes) {
        // The bound may lie inside a character.
        Err(error) if cut && error.error_len().is_none() => {
            let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole)
        }
        text => text,
    };
    let (name, text) = match (&inflated, text) {
        (None, Ok(_)) => return None,
        (Some(_), Ok(text)) => (None, Some(text.to_owned())),
        (_, Err(_)) => binary().map_or((None, None), |(name, text)| (Some(name), Some(text))),
    };
    if inflated.is_none() && text.is_none() {
        return None;
    }
    let outer = inflated.as_ref().map(|inside| inside.encoding.name());
    let was: Vec<_> = outer.into_iter().chain(name).collect();
    Some(Shown {
        was: was.join(", "),
        text,
        inflated,
    })
}
