//! What a reader says of one direction. RFC 6455 §5.2.
//!
//! Job: the values between [`super::reader`] and whoever makes messages of them. Input and
//! output: none.

use super::header::{FrameHeader, HeaderFault};
use crate::base::Stamp;

/// A run of payload bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body<'a> {
    /// As they stood on the wire, still masked where the header says so.
    Bytes(&'a [u8]),
    /// So many are missing in the capture.
    Hole(u64),
}

impl Body<'_> {
    /// Payload bytes, missing ones counted.
    pub fn span(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Hole(len) => *len,
        }
    }
}

/// A piece of one frame. A frame that lies whole in a chunk is one part.
#[derive(Debug, Clone, Copy)]
pub struct FramePart<'a> {
    /// The frame's header.
    pub header: FrameHeader,
    /// The frame's first part.
    pub begins: bool,
    /// Its last one.
    pub ends: bool,
    /// Payload offset of the part's first byte.
    pub offset: u64,
    /// Its place among the bytes that the reader was given, gaps counted; `None` after a gap of
    /// unknown length. The header ends before the first part.
    pub at: Option<u64>,
    /// What the part holds.
    pub body: Body<'a>,
    /// The packet that held the header's first byte.
    pub first: Stamp,
    /// The packet that brought this part.
    pub stamp: Stamp,
}

/// What the reader has to say.
#[derive(Debug, Clone, Copy)]
pub enum ReaderEvent<'a> {
    /// A part of a frame.
    Part(FramePart<'a>),
    /// The framing was lost here, the next header is being looked for.
    Lost {
        /// Why.
        cause: LossCause,
        /// What stands there, as far as it has come.
        bytes: &'a [u8],
        /// Where.
        stamp: Stamp,
    },
    /// A header was found again: a guess.
    Found {
        /// Bytes between the loss and the header, gaps included; `None` where nobody knows.
        skipped: Option<u64>,
        /// How unlikely it is that other bytes look so: one in 2^bits.
        bits: u32,
        /// Where.
        stamp: Stamp,
    },
}

/// Why the framing was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossCause {
    /// The capture lacks the bytes of a header.
    Gap,
    /// A header that cannot be.
    Header(HeaderFault),
    /// What stands where a frame should begin breaks so many rules that no peer sends it.
    OutOfStep {
        /// The payload before it began with the header of another frame.
        inside: bool,
    },
    /// The header found last was none: what it led to is no frame.
    Guess,
}
