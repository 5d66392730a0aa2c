//! Opening what TLS protects.
//!
//! Job: hold what reading takes, apart from what is reported of a connection. Input: deliveries of both
//! peers, and a key log. Output: deliveries of both peers, [`Note`]s and
//! [`Facts`](super::Facts). RFC 8446, RFC 5246, RFC 9850.

mod algorithm;
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

pub use keylog::{Counts as KeyLogCounts, KeyLog, Keys, Newest, Reader as KeyLogReader, Source};
pub use record::{Header, may_begin_record};
pub use records::{Note, Out, Records};
