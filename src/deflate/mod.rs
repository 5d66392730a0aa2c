//! From a message's compressed payload to its bytes.
//!
//! Job: keep each direction's sliding window and inflate message after message.
//! Input: unmasked payload bytes. Output: the payload, or why it cannot be known.
//! RFC 7692 §7, RFC 1951.

mod agree;
mod decoder;
mod memory;
mod outcome;
mod output;
mod packed;
mod parameters;
mod symbols;
pub mod trace;
mod tracing;
mod wrapped;

pub use agree::agree;
pub use decoder::{Decoder, Inflated};
pub use memory::{compressor_bytes, inflater_bytes};
pub use outcome::{Beyond, Fault, Outcome};
pub use output::Output;
pub use packed::Packed;
pub use parameters::{Agreement, Parameters, Takeover, WindowBits};
pub use symbols::{Blocks, Symbols};
pub use tracing::Record;
pub use wrapped::{gzip_header, zlib_header};
