//! What lies below messages, for sinks that ask for it.
//!
//! Job: carry the parts of frames as they stood on the wire, and the named bits of compressed
//! payloads, or counts of them. Input: made by [`crate::session`] where
//! [`Detail::Wire`](crate::session::Detail::Wire) is asked for, or
//! [`Detail::Symbols`](crate::session::Detail::Symbols). Output: none; plain values.
//! RFC 6455 §5.2, RFC 1951.
//!
//! They come in order, before the message that they belong to: parts of control frames belong to
//! the next control message of their sender, all others to its next data message.

pub use crate::deflate::Inflated;

use crate::deflate::Symbols;
use crate::deflate::trace::End;
use crate::http2::DataFrame;
use crate::stream::Stamps;
use crate::tls::RecordLayer;
use crate::ws::FramePart;

/// Something on the wire.
#[derive(Debug, Clone, Copy)]
pub enum Wire<'a> {
    /// A part of a frame. Its `at` counts from the first byte behind the sender's HTTP head, or
    /// from the first byte in the capture where there is none.
    Part(&'a FramePart<'a>),
    /// A TLS record, before the parts that it carries.
    Record(&'a RecordLayer, Stamps),
    /// A DATA frame of HTTP/2 that carries what comes next of the sender; in order among the parts.
    Data(&'a DataFrame),
    /// A message was inflated; with `x-webkit-deflate-frame`, a frame.
    Traced(&'a Inflated<'a>),
    /// The same with [`Detail::Symbols`](crate::session::Detail::Symbols), which tells nothing else:
    /// what its symbols come to, and how it ended.
    Counted(&'a Symbols, End),
}
