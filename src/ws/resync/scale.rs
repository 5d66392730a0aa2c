//! One header among what was gathered, weighed.
//!
//! Job: what each part of a frame counts. Input: a place. Output: bits. RFC 6455 §5.2.

use crate::stream::Backlog;
use crate::ws::evidence::{Expectation, LOOK, content_bits, first_byte_bits, length_bits};
use crate::ws::habits::Habits;
use crate::ws::header::{FrameHeader, ParsedHeader, parse_frame_header};
use crate::ws::opcode::OpCode;

/// What a sender has begun a frame with before counts so much more.
const BEGUN_BEFORE: u32 = 2;

/// A first byte that only says again what the one before it said counts no more.
const AGAIN: u32 = 2;

/// The least that a full segment holds: RFC 9293 §3.7.1, the default maximum over IPv4.
const LEAST_FULL: u64 = 536;

/// Whether a segment may go on in the next one because no room was left.
pub(super) fn is_full(len: u64, longest: u64) -> bool {
    len >= longest && len >= LEAST_FULL
}

/// What stands at a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Seen {
    /// A header that the sender may send.
    Header(FrameHeader),
    /// Too few bytes so far.
    Incomplete,
    /// Nothing that the sender may send.
    Refused,
}

/// What a payload says of its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// So many bits speak for it.
    Bits(u32),
    /// Too few bytes so far.
    Unknown,
    /// It is none.
    Refused,
}

/// A frame and what speaks for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weighed {
    pub(super) header: FrameHeader,
    /// Its first byte.
    pub(super) first_byte: u32,
    /// The form of its length.
    pub(super) form: u32,
    /// That its end meets the end of a segment or another frame.
    pub(super) landing: u32,
}

impl Weighed {
    /// Bytes from its header on.
    pub(super) fn len(&self) -> u64 {
        u64::from(self.header.header_len) + self.header.payload_len
    }

    /// All that the header says by itself.
    pub(super) fn header_bits(&self) -> u32 {
        self.first_byte + self.form
    }
}

/// What places are weighed with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale<'a> {
    pub(super) buffer: &'a Backlog,
    pub(super) expectation: Expectation,
    pub(super) habits: &'a Habits,
    /// Bytes in `buffer` that may begin a header.
    pub(super) beginnings: usize,
    /// Bytes of the longest segment so far.
    pub(super) longest: u64,
}

impl Scale<'_> {
    /// What an end counts for meeting that of a segment: where segments are short, any end meets
    /// one. `alone`: the frame is all of its segment.
    pub(super) fn landing(&self, most: u32, alone: bool) -> u32 {
        let segments = self.buffer.parts().max(1) as u64;
        let usual = (self.buffer.span() / segments).checked_ilog2().unwrap_or(0);
        if alone { most } else { most.min(usual) }
    }

    /// Whether a write of the sender ends at `end`: the segment before has room left.
    pub(super) fn is_write_end(&self, end: u64) -> bool {
        (self.buffer.write_before(end)).is_some_and(|len| !is_full(len, self.longest))
    }

    /// Places whose byte may begin a header, the last one first: no header is at any other.
    pub(super) fn places(&self) -> impl Iterator<Item = u64> {
        self.buffer.chunks().rev().flat_map(|(start, bytes)| {
            let places = (start..start + bytes.len() as u64).rev();
            let begin = places.zip(bytes.iter().rev());
            let begin = begin.filter(|(_, byte)| self.expectation.begins(**byte));
            begin.map(|(place, _)| place)
        })
    }

    /// What stands at `at`.
    pub(super) fn seen(&self, at: u64) -> Seen {
        match parse_frame_header(self.buffer.from(at)) {
            ParsedHeader::Complete(header) if self.expectation.allows(&header) => {
                Seen::Header(header)
            }
            ParsedHeader::Incomplete => match self.buffer.from(at).first() {
                Some(first) if !self.expectation.begins(*first) => Seen::Refused,
                _ => Seen::Incomplete,
            },
            ParsedHeader::Complete(_) | ParsedHeader::Invalid(_) => Seen::Refused,
        }
    }

    /// What the header counts. `previous` is the one before it; `of_chain` so many headers are
    /// known to be in the chain, which must not make each other common.
    pub(super) fn weigh(
        &self,
        header: FrameHeader,
        previous: Option<&FrameHeader>,
        inside_message: bool,
        of_chain: usize,
    ) -> Weighed {
        let look = |h: &FrameHeader| (h.fin, h.rsv1, h.opcode, h.payload_len);
        let again = previous.is_some_and(|previous| look(previous) == look(&header));
        // The commoner such bytes are around here, the less they tell. In a few bytes there is
        // little to count: 3 of 192 is the ordinary share.
        let others = self.beginnings.saturating_sub(of_chain);
        let rarity = (self.buffer.len() + 192) / (others + 3);
        let rarity = rarity.checked_ilog2().unwrap_or(0);
        let first_byte = first_byte_bits(&header, inside_message).min(rarity);
        let first_byte = match first_byte {
            0 => 0,
            bits if again => bits.min(AGAIN),
            bits if self.habits.has_begun(&header) => bits + BEGUN_BEFORE,
            bits => bits,
        };
        let (form, landing) = length_bits(&header);
        Weighed {
            header,
            first_byte,
            form,
            landing,
        }
    }

    /// What the payload counts.
    pub(super) fn content(&self, at: u64, header: &FrameHeader) -> Content {
        let start = at.saturating_add(u64::from(header.header_len));
        let whole = usize::try_from(header.payload_len).unwrap_or(usize::MAX);
        let quiet = header.rsv1
            || matches!(
                header.opcode,
                OpCode::Binary | OpCode::Continuation | OpCode::Ping | OpCode::Pong
            );
        if quiet {
            return Content::Bits(0);
        }
        let payload = self.buffer.from(start);
        if payload.len() < whole.min(LOOK) {
            return Content::Unknown;
        }
        let before = self.buffer.before(at);
        content_bits(header, payload, before).map_or(Content::Refused, Content::Bits)
    }

    /// Whether two frames of one length hold the same bytes.
    pub(super) fn alike(&self, one: (u64, &FrameHeader), other: (u64, &FrameHeader)) -> bool {
        let payload = |(at, header): (u64, &FrameHeader)| {
            let start = at.saturating_add(u64::from(header.header_len));
            let len = usize::try_from(header.payload_len).ok()?;
            self.buffer.from(start).get(..len)
        };
        let look = |h: &FrameHeader| (h.fin, h.rsv1, h.opcode, h.mask, h.payload_len);
        look(one.1) == look(other.1)
            && payload(one).is_some_and(|bytes| payload(other) == Some(bytes))
    }
}
