//! The compression of messages.
//!
//! Job: what was agreed about compression, and the bytes behind it.
//! Input: extension headers, compressed payloads. Output: parameters, plain payloads.
//! RFC 7692, RFC 1951.

mod parameters;

pub use parameters::{Agreement, Parameters, Takeover, WindowBits, agree};
