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

mod report;
mod suite;
mod suite_names;
mod version;

#[cfg(feature = "tls")]
mod algorithm;
#[cfg(feature = "tls")]
mod cipher;
#[cfg(feature = "tls")]
mod direction;
#[cfg(feature = "tls")]
mod facts;
#[cfg(feature = "tls")]
mod framing;
#[cfg(feature = "tls")]
mod handshake;
#[cfg(feature = "tls")]
mod keylog;
#[cfg(feature = "tls")]
mod known;
#[cfg(feature = "tls")]
mod record;
#[cfg(feature = "tls")]
mod records;
#[cfg(feature = "tls")]
mod reveal;
#[cfg(feature = "tls")]
mod schedule;
#[cfg(feature = "tls")]
mod secret;

pub use report::{Counts, Facts, KeySource, Status, Why};
pub use suite::Suite;
pub use version::{ContentType, Version};

#[cfg(feature = "tls")]
pub use keylog::{Counts as KeyLogCounts, KeyLog, Keys, Reader as KeyLogReader, Source};
#[cfg(feature = "tls")]
pub use record::{Header, may_begin_record};
#[cfg(feature = "tls")]
pub use records::{Note, Out, Records};
