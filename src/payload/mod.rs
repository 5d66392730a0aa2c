//! What a payload is in itself: compressed once more, or a value of MessagePack or CBOR.
//!
//! Job: name it and make it readable. Input: whole payloads. Output: bytes, diagnostic text.
//! RFC 1950, RFC 1952, RFC 7932, RFC 8878, RFC 8949.

mod brotli;
mod diagnostic;
mod encoding;
mod form;
mod stream;

pub use encoding::{Encoding, Inflated, encoding};
pub use form::{Shown, shown};
pub use stream::Stream;
