//! The next frame header after a loss over one.
//!
//! Job: find where frames begin again, with a figure for how sure that is.
//! Input: the chunks behind the loss. Output: [`Found`], or nothing yet.
//! RFC 6455 §5.2, §5.5.
//!
//! A place is believed when a chain of headers that starts there explains so many bits that
//! chance hardly could: sane opcodes and reserved bits, the mask bit of the direction,
//! shortest lengths, fragments in order, text that is UTF-8, frames that end where segments
//! end. Peers commonly begin a frame with a segment, so those places need less than others.

use super::evidence::{Expectation, content_bits, in_order};
use super::header::{FrameHeader, ParsedHeader, parse_frame_header};
use super::opcode::OpCode;
use crate::base::Limits;
use crate::stream::{Backlog, Delivery, Missing, Piece, Stamps};

/// Bits of evidence that a header at the start of a segment needs.
pub(crate) const AT_SEGMENT: u32 = 22;

/// Bits that a header anywhere else needs: there are up to 2^16 such places.
const ANYWHERE: u32 = 44;

/// Bits that the first frame shown needs of its own where a segment begins with it: other bytes
/// may lead into a chain, too.
const FIRST: u32 = 9;

/// The same anywhere else. In front of a header there are a hundred places from which a short
/// length would lead to it, and of a masked payload one in a hundred headers is so led to.
const FIRST_ANYWHERE: u32 = 18;

/// No chain is followed past this: more would change nothing.
const ENOUGH: u32 = 2 * ANYWHERE;

/// Nor past so many frames: zeros make chains without end and without evidence.
const CHAIN_MAX: usize = 64;

/// The search over every offset waits for this much data, and again at each doubling.
const FIRST_SCAN: u64 = 4096;

/// Segment starts that are looked at again with each chunk.
const CANDIDATES_MAX: usize = 512;

/// A header found again.
#[derive(Debug)]
pub(super) struct Found {
    /// Bytes passed over since the loss, gaps included, where their number is known.
    pub(super) skipped: Option<u64>,
    /// The evidence.
    pub(super) bits: u32,
    /// What was gathered from the header on.
    pub(super) pieces: Vec<Piece>,
}

/// How much a place looks like a frame header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Likeness {
    /// How unlikely it is that other bytes look so: one in 2^bits.
    pub bits: u32,
    /// The first header of the chain that is sure to be one.
    first: Option<u64>,
    /// More bytes may tell more.
    open: bool,
}

/// A search in progress.
#[derive(Debug, Clone)]
pub struct Resync {
    expectation: Expectation,
    limit: u64,
    buffer: Backlog,
    /// Segment starts that nothing speaks against yet.
    candidates: Vec<u64>,
    /// Bytes in `buffer` that may begin a header.
    beginnings: usize,
    next_scan: u64,
    /// Bytes before the buffer, and whether a gap of unknown length is among them.
    skipped: u64,
    vague: bool,
}

impl Resync {
    /// A search that has seen nothing yet.
    pub fn new(expectation: Expectation, limits: Limits) -> Self {
        Self {
            expectation,
            limit: limits.resync_bytes as u64,
            buffer: Backlog::default(),
            candidates: Vec::new(),
            beginnings: 0,
            next_scan: FIRST_SCAN,
            skipped: 0,
            vague: false,
        }
    }

    /// Bytes without a frame so far, as far as they are known of.
    pub(super) fn seen(&self) -> u64 {
        self.skipped.saturating_add(self.buffer.span())
    }

    /// More bytes are no header, or missing.
    pub(super) fn pass(&mut self, len: u64) {
        self.skipped = self.seen().saturating_add(len);
        self.buffer.clear();
        self.candidates.clear();
        self.beginnings = 0;
        self.next_scan = FIRST_SCAN;
    }

    /// More bytes are missing. Where they are few, as after each packet that a snaplen cut, a
    /// frame may reach over them; else what was gathered leads nowhere.
    fn gap(&mut self, missing: Missing, at: Stamps) {
        match missing.exactly() {
            Some(len) if len <= self.limit / 4 && !self.buffer.is_empty() => {
                self.buffer.push(Delivery::Gap(missing), at);
                self.keep_limit();
            }
            len => {
                self.vague |= len.is_none();
                self.pass(len.unwrap_or(0));
            }
        }
    }

    /// Takes what comes next; `Some` when a header was found.
    pub(super) fn delivery(&mut self, delivery: Delivery<'_>, at: Stamps) -> Option<Found> {
        if !self.gather(delivery, at) {
            return None;
        }
        let found = self.at_writes(AT_SEGMENT).or_else(|| self.anywhere());
        if let Some(Likeness {
            bits,
            first: Some(at),
            ..
        }) = found
        {
            return Some(self.found(at, bits));
        }
        self.keep_limit();
        None
    }

    /// Takes what comes next; the best likeness of any place, without settling on it.
    pub fn look(&mut self, delivery: Delivery<'_>, at: Stamps) -> Option<Likeness> {
        if !self.gather(delivery, at) {
            return None;
        }
        let found = [self.at_writes(u32::MAX), self.anywhere()];
        self.keep_limit();
        found
            .into_iter()
            .flatten()
            .max_by_key(|likeness| likeness.bits)
    }

    /// Takes what comes next, and says whether there are more bytes now.
    fn gather(&mut self, delivery: Delivery<'_>, at: Stamps) -> bool {
        let (bytes, begins) = match delivery {
            Delivery::Chunk { bytes, begins } => (bytes, begins),
            Delivery::Gap(missing) => {
                self.gap(missing, at);
                return false;
            }
            Delivery::Conflict { .. } => return false,
        };
        if begins && self.candidates.len() < CANDIDATES_MAX {
            self.candidates.push(self.buffer.span());
        }
        self.buffer.push(delivery, at);
        let begins = |byte: &&u8| self.expectation.begins(**byte);
        self.beginnings += bytes.iter().filter(begins).count();
        true
    }

    /// The first chain from the start of a write with enough evidence, else the one with the most.
    fn at_writes(&mut self, enough: u32) -> Option<Likeness> {
        let mut candidates = std::mem::take(&mut self.candidates);
        let mut best: Option<Likeness> = None;
        candidates.retain(|&at| {
            let likeness = self.likeness(at);
            if let Some(new) = likeness
                && (enough == u32::MAX || new.first.is_some())
                && best.is_none_or(|old| old.bits < enough.min(new.bits))
            {
                best = Some(new);
            }
            likeness.is_some_and(|likeness| likeness.open)
        });
        self.candidates = candidates;
        best.filter(|likeness| enough == u32::MAX || likeness.bits >= enough)
    }

    fn anywhere(&mut self) -> Option<Likeness> {
        if self.buffer.span() < self.next_scan {
            return None;
        }
        self.next_scan = self.buffer.span().saturating_mul(2);
        (0..self.buffer.span()).find_map(|at| {
            self.likeness(at)
                .filter(|likeness| likeness.first.is_some() && likeness.bits >= ANYWHERE)
        })
    }

    /// Follows the chain of headers from `at`; `None` where something speaks against it.
    fn likeness(&self, at: u64) -> Option<Likeness> {
        let mut position = at;
        let mut likeness = Likeness {
            bits: 0,
            first: None,
            open: true,
        };
        let mut fragmented = None;
        let mut previous = None;
        for length in 0..=CHAIN_MAX {
            let rest = self.buffer.from(position);
            if length == CHAIN_MAX || likeness.bits >= ENOUGH {
                likeness.open = false;
                break;
            }
            let header = match parse_frame_header(rest) {
                ParsedHeader::Complete(header) => header,
                ParsedHeader::Incomplete => {
                    // What stands in a gap will never be told.
                    likeness.open =
                        position.saturating_add(rest.len() as u64) >= self.buffer.span();
                    break;
                }
                ParsedHeader::Invalid(_) => return None,
            };
            if !self.expectation.allows(&header) || !in_order(&header, &mut fragmented) {
                return None;
            }
            let payload = rest.get(usize::from(header.header_len)..);
            let before = self.buffer.before(position);
            let content = content_bits(&header, payload.unwrap_or_default(), before)?;
            let weight = self.header_bits(&header, previous);
            let end = (u64::from(header.header_len).checked_add(header.payload_len))
                .and_then(|len| position.checked_add(len));
            // A short text that repeats is a pattern like any other.
            let content = if weight == 0 && header.payload_len < 12 {
                0
            } else {
                content
            };
            let (ends, meets) = end.map_or((0, 0), |end| self.end_bits(weight, position, end));
            // What leads into a chain by chance has seen nothing before, and is nothing much.
            let (before, alone) = if self.buffer.is_edge(position) {
                (AT_SEGMENT, FIRST)
            } else {
                (AT_SEGMENT + FIRST, FIRST_ANYWHERE)
            };
            if likeness.first.is_none()
                && (likeness.bits >= before || weight + content + ends.max(meets) >= alone)
            {
                likeness.first = Some(position);
            }
            likeness.bits += weight + content + ends;
            previous = Some(header);
            let Some(end) = end else { break };
            position = end;
        }
        Some(likeness)
    }

    /// Evidence in the header itself.
    fn header_bits(&self, header: &FrameHeader, previous: Option<FrameHeader>) -> u32 {
        let look = |h: &FrameHeader| (h.fin, h.rsv1, h.opcode, h.payload_len);
        let again = previous.is_some_and(|previous| look(&previous) == look(header));
        let most = match (header.fin, header.opcode) {
            // Two zero bytes make an empty fragment, and nothing is as common as zeros.
            (false, OpCode::Continuation) => 0,
            // Pixels and samples repeat, and so do zeros under a mask.
            _ if again => 0,
            // Small numbers; with RSV1 the letters A and B.
            (false, _) => 2,
            // Six or eight of 256 values, and the mask bit.
            (true, _) => 6,
        };
        // The commoner such bytes are around here, the less they tell. In a few bytes there is
        // little to count: 3 of 192 is the ordinary share.
        let rarity = (self.buffer.len() + 192) / (self.beginnings + 3);
        rarity.checked_ilog2().unwrap_or(0).min(most)
    }

    /// Evidence in the end of a frame: that of a segment which ends there, and that of a header
    /// which follows.
    fn end_bits(&self, weight: u32, start: u64, end: u64) -> (u32, u32) {
        let len = end - start;
        let at_end = self.buffer.is_edge(end);
        let a_segment = at_end && self.buffer.is_write(start, end);
        // Zeros and other patterns meet many places, but seldom make a segment, nor long frames.
        if weight == 0 && len < 128 && !(a_segment && len > 3) {
            return (0, 0);
        }
        let log = |n: u64| n.checked_ilog2().unwrap_or(0).min(12);
        // A chain of small frames meets any place by chance, and so does any chain where
        // segments are small. That a segment is one frame is less of a chance.
        let segment = self.buffer.span() / (self.buffer.writes() as u64).max(1);
        let ends = if at_end {
            log(segment.min(len)) + u32::from(a_segment)
        } else {
            0
        };
        let follows = matches!(
            parse_frame_header(self.buffer.from(end)),
            ParsedHeader::Complete(header) if self.expectation.allows(&header)
        );
        (ends, if follows { log(len).min(6) } else { 0 })
    }

    fn found(&mut self, at: u64, bits: u32) -> Found {
        Found {
            skipped: (!self.vague).then_some(self.skipped + at),
            bits,
            pieces: self.buffer.pieces(at),
        }
    }

    /// Forgets the older half where the buffer is full.
    fn keep_limit(&mut self) {
        let span = self.buffer.span();
        if span <= self.limit {
            return;
        }
        let stale = span - self.limit / 2;
        self.buffer.forget(stale);
        let begins = |byte: &&u8| self.expectation.begins(**byte);
        self.beginnings = self.buffer.unread().iter().filter(begins).count();
        self.skipped += stale;
        self.candidates.retain(|at| *at >= stale);
        for at in &mut self.candidates {
            *at -= stale;
        }
        self.next_scan = self.limit;
    }
}

#[cfg(test)]
mod tests;
