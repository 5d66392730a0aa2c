//! TLS: the bytes that a WebSocket, or HTTP, says under it, for whoever has the secrets.
//!
//! Job: bytes in, bytes out, with gaps where something is not known. Input: deliveries of both
//! peers, and a key log. Output: deliveries of both peers, and [`Facts`] on what was read and why
//! not the rest. RFC 8446, RFC 5246, RFC 9850.
//!
//! A secret is a candidate, not a fact: the tag of a record decides. Bytes are put out only where a
//! tag fits, or, of a record that the capture cut, where the records around it prove its number.
//!
//! Without the feature `tls` only what is told of a connection is here.

mod alert;
mod certificate;
mod report;
mod suite;
mod suite_names;
mod version;

#[cfg(feature = "tls")]
mod reading;

pub use alert::Alert;
pub use certificate::Certificate;
pub use report::{Counts, Facts, KeySource, RecordLayer, Status, Why};
pub use suite::Suite;
pub use version::{ContentType, Version};

#[cfg(feature = "tls")]
pub use reading::{
    Header, KeyLog, KeyLogCounts, KeyLogReader, Keys, Newest, Note, Out, Records, Source,
    may_begin_record,
};
