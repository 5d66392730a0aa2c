//! Ordered bytes with gaps: what TCP, TLS and an HTTP/2 stream all put out.
//!
//! Job: the types between whoever puts bytes in order and whoever reads them. Input and output:
//! none; these are plain values.

mod delivery;
mod piece;

pub use delivery::{Delivery, Missing};
pub use piece::{Piece, Stamps};
