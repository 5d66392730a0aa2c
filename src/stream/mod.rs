//! Ordered bytes with gaps: what TCP, TLS and an HTTP/2 stream all put out.
//!
//! Job: the types between whoever puts bytes in order and whoever reads them, and what keeps
//! bytes that wait. Input and output: [`Delivery`]s.

mod backlog;
mod delivery;
mod piece;

pub use backlog::Backlog;
pub use delivery::{Delivery, Missing};
pub use piece::{Piece, Stamps};
