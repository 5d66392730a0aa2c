//! Header compression of HTTP/2.
//!
//! Job: read header blocks, also where what was inserted before the capture is not known.
//! Input: header blocks of one direction in the order of the wire. Output: [`Field`]s.
//! RFC 7541.

mod decoder;
mod field;
mod huffman;
mod primitive;
mod table;

pub use decoder::Decoder;
pub use field::{Fault, Field};
