//! TLS: the bytes that a WebSocket, or HTTP, says under it, for whoever has the secrets.
//!
//! Job: bytes in, bytes out, with gaps where something is not known. Input: deliveries of both
//! peers, and a key log. Output: deliveries of both peers, and [`Facts`] on what was read and why
//! not the rest. RFC 8446, RFC 5246, RFC 9850.
//!
//! A secret is a candidate, not a fact: the tag of a record decides. Bytes are put out only where a
//! tag fits, or, of a record that the capture cut, where the records around it prove its number.

mod cipher;
mod direction;
mod facts;
mod framing;
mod handshake;
mod keylog;
mod known;
mod record;
mod records;
mod reveal;
mod schedule;
mod secret;
mod suite;
mod suite_names;
#[cfg(test)]
mod tests;
mod version;

pub use direction::Counts;
pub use facts::{Facts, KeySource, Status, Why};
pub use keylog::{Counts as KeyLogCounts, KeyLog, Keys, Reader as KeyLogReader, Source};
pub use record::{Header, may_begin_record};
pub use records::{Note, Out, Records};
pub use suite::Suite;
pub use version::{ContentType, Version};
