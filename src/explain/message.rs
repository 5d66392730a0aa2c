//! One message with all that carried it.
//!
//! Job: hold what the sink gathered, and answer what renderers ask: the bytes without their mask,
//! the compressed payloads, where a match copies from. Input: what [`Collector`](super::Collector)
//! gathers. Output: none; plain values. RFC 6455 §5.3, RFC 7692 §7.2.

use std::ops::{Deref, Range};

use super::past::Past;
use crate::base::Stamp;
use crate::deflate::trace::{End, Origin, Piece, Symbol, Trace};
use crate::deflate::{Agreement, Parameters};
use crate::event::Facts;
use crate::finding::Finding;
use crate::http2::DataFrame;
use crate::stream::Stamps;
use crate::tcp::Flow;
use crate::tls::RecordLayer;
use crate::ws::{FrameHeader, unmask};

/// One message, from its packets to its payload.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// What the message is, apart from its payload.
    pub facts: Facts,
    /// The connection; `None` where bytes were given without one.
    pub flow: Option<Flow>,
    /// The sender's HTTP head was captured.
    pub has_handshake: bool,
    /// The compression that holds.
    pub agreement: Agreement,
    /// The agreement is a guess.
    pub inferred: bool,
    /// The payload from its start, zeros in its holes.
    pub payload: Vec<u8>,
    /// Ranges of the payload that are not known: start and length.
    pub holes: Vec<(u64, u64)>,
    /// A secret was in it: of the payload only a text is left that stands for it, or nothing, and of what
    /// carried it none of the payload's bytes.
    pub redacted: bool,
    /// The DATA frames of HTTP/2 that carry it, on a stream.
    pub carriers: Vec<DataFrame>,
    /// Its frames as far as they are kept, in order.
    pub frames: Vec<Frame>,
    /// What was inflated: one for a message of permessage-deflate, one for each compressed frame
    /// of `x-webkit-deflate-frame`.
    pub deflated: Vec<Deflated>,
    /// The ends of earlier messages of its sender that its window can hold, the oldest first.
    pub past: Vec<Past>,
    /// The TLS records that carried it, as far as they are kept, in order.
    pub records: Vec<Carrier>,
    /// The rules that it broke.
    pub findings: Vec<Finding>,
}

/// A TLS record with the packets that it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// The record.
    pub layer: RecordLayer,
    /// Its first and last packet.
    pub at: Stamps,
}

impl Deref for Explanation {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.facts
    }
}

/// One frame.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Its header.
    pub header: FrameHeader,
    /// Where its first byte stands among the bytes of its sender, from the first one behind the
    /// HTTP head, or the first in the capture where there is none; `None` after a gap of unknown
    /// length.
    pub offset: Option<u64>,
    /// The packet with the first byte of its header.
    pub first: Stamp,
    /// Its payload as it stood on the wire; zeros where the capture lacks it.
    pub wire: Vec<u8>,
    /// Payload bytes that have passed, kept or not.
    pub passed: u64,
    /// The packets that brought the payload, in order.
    pub passages: Vec<Passage>,
}

/// A run of a frame's payload in one packet, or one that no packet brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// The packet that brought it; where it is missing, the one that showed so.
    pub at: Stamp,
    /// The first byte, counted in the frame's payload.
    pub start: u64,
    /// How many.
    pub len: u64,
    /// The capture lacks it.
    pub missing: bool,
}

/// One compressed payload, inflated.
#[derive(Debug, Clone)]
pub struct Deflated {
    /// Its bits.
    pub trace: Trace,
    /// How it ended.
    pub end: End,
    /// The farthest distance.
    pub farthest: u16,
    /// Where its output begins in the message's payload, where that is known.
    pub base: Option<u64>,
    /// Which messages the compressed payloads of this sender belong to, and where they begin in
    /// them: ordinal, message, offset. By ordinal.
    pub(super) places: Vec<(u64, u64, Option<u64>)>,
}

/// Where source bytes of a match come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A message of the same sender.
    Message(u64),
    /// An earlier one, which is not known any more.
    Earlier,
    /// History that the capture lacks.
    Lost,
}

/// Consecutive source bytes in one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Whose.
    pub source: Source,
    /// The first one's offset in that message's payload, where it is known.
    pub start: Option<u64>,
    /// How many.
    pub len: u64,
}

impl Frame {
    /// The kept payload without its mask; zeros where the capture lacks it.
    pub fn plain(&self) -> Vec<u8> {
        let Some(key) = self.header.mask else {
            return self.wire.clone();
        };
        let mut out = Vec::with_capacity(self.wire.len());
        unmask(&self.wire, key, 0, &mut out);
        for hole in self.holes() {
            let range = to_range(hole.start, hole.len);
            let range = range.start.min(out.len())..range.end.min(out.len());
            if let Some(bytes) = out.get_mut(range) {
                bytes.fill(0);
            }
        }
        out
    }

    /// What the capture lacks of the payload.
    pub fn holes(&self) -> impl Iterator<Item = &Passage> {
        self.passages.iter().filter(|passage| passage.missing)
    }

    /// From where its bytes are counted: its offset, or its own first byte.
    pub fn start(&self) -> u64 {
        self.offset.unwrap_or(0)
    }

    /// Where the payload begins, counted in the same way.
    pub fn payload_start(&self) -> u64 {
        self.start() + u64::from(self.header.header_len)
    }
}

impl Explanation {
    /// What holds for the sender, where compression was agreed.
    pub fn parameters(&self) -> Option<Parameters> {
        self.agreement.parameters().map(|both| both[self.from])
    }

    /// Whether the sender's bytes are counted from behind an HTTP head.
    pub fn has_head(&self) -> bool {
        self.flow.is_some() && self.has_handshake
    }

    /// Compression is by frame, as in `x-webkit-deflate-frame`.
    pub fn is_per_frame(&self) -> bool {
        matches!(self.agreement, Agreement::DeflateFrame(_))
    }

    /// The frames of each compressed payload, with its bits where they were looked at.
    pub fn compressed_payloads(&self) -> Vec<(Range<usize>, Option<&Deflated>)> {
        if !self.compressed {
            return Vec::new();
        }
        if !self.is_per_frame() {
            return vec![(0..self.frames.len(), self.deflated.first())];
        }
        let compressed = self.frames.iter().enumerate();
        compressed
            .filter(|(_, frame)| frame.header.rsv1)
            .enumerate()
            .map(|(nth, (index, _))| (index..index + 1, self.deflated.get(nth)))
            .collect()
    }

    /// The frames in `range`.
    pub fn frames_in(&self, range: Range<usize>) -> &[Frame] {
        self.frames.get(range).unwrap_or_default()
    }
}

/// A range of indices; past the address space it is cut.
pub(super) fn to_range(start: u64, len: u64) -> Range<usize> {
    let index = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    index(start)..index(start.saturating_add(len))
}

impl Deflated {
    /// Where a match copies from; empty for other symbols.
    pub fn sources(&self, symbol: &Symbol) -> Vec<Stretch> {
        self.stretches(self.trace.sources(symbol))
    }

    /// Pieces of the window by messages.
    pub(super) fn stretches(&self, pieces: Vec<Piece>) -> Vec<Stretch> {
        let stretch = |piece: Piece| match piece.origin {
            Origin::Message(ordinal) => self.place(ordinal, piece.start, piece.len),
            Origin::Inherited => Stretch {
                source: Source::Earlier,
                start: None,
                len: piece.len,
            },
            Origin::Lost => Stretch {
                source: Source::Lost,
                start: None,
                len: piece.len,
            },
        };
        pieces.into_iter().map(stretch).collect()
    }

    fn place(&self, ordinal: u64, offset: u64, len: u64) -> Stretch {
        let found = self.places.binary_search_by_key(&ordinal, |place| place.0);
        let place = found.ok().and_then(|index| self.places.get(index));
        match place {
            Some((_, message, base)) => Stretch {
                source: Source::Message(*message),
                start: base.map(|base| base + offset),
                len,
            },
            None => Stretch {
                source: Source::Earlier,
                start: None,
                len,
            },
        }
    }
}
