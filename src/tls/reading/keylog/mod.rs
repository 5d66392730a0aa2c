//! The secrets that somebody logged.
//!
//! Job: keep every secret of all key logs, in their order, and find those of one connection at
//! once. Input: the bytes of key logs. Output: candidates: a secret is never believed because it
//! is there, but because a record's tag fits it. RFC 9850.

mod blocks;
mod keys;
mod line;
mod log;
mod reader;
#[cfg(test)]
mod tests;

pub use keys::{Keys, Newest};
pub use log::{Counts, KeyLog, Source};
pub use reader::Reader;

pub(super) use line::Label;
pub(super) use log::{Candidate, OwnerId};
