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

use super::close::{CloseBody, close_code_allowed};
use super::header::{FrameHeader, ParsedHeader, parse_frame_header};
use super::mask::unmask;
use super::opcode::OpCode;
use crate::base::{Limits, Peer, Stamp};

/// Bits of evidence that a header at the start of a segment needs.
pub(crate) const AT_SEGMENT: u32 = 22;

/// Bits that a header anywhere else needs: there are up to 2^16 such places.
const ANYWHERE: u32 = 44;

/// No chain is followed past this: more would change nothing.
const ENOUGH: u32 = 2 * ANYWHERE;

/// The search over every offset waits for this much data, and again at each doubling.
const FIRST_SCAN: usize = 4096;

/// Segment starts that are looked at again with each chunk.
const CANDIDATES_MAX: usize = 512;

/// A frame longer than this is no guess to make.
const LONGEST: u64 = 1 << 32;

/// What frames of a direction look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expectation {
    /// Who sends them: clients mask, servers do not.
    pub from: Peer,
    /// Compression was agreed or may have been, so RSV1 may be set.
    pub rsv1: bool,
}

impl Expectation {
    /// Whether a peer that keeps the rules may send this header.
    pub(super) fn allows(self, header: &FrameHeader) -> bool {
        let data_start = matches!(header.opcode, OpCode::Text | OpCode::Binary);
        // RFC 6455 §5.1: clients mask every frame, servers none.
        header.mask.is_some() == (self.from == Peer::Client)
            && !header.rsv2
            && !header.rsv3
            && (!header.rsv1 || (self.rsv1 && data_start))
            && !header.opcode.is_reserved()
            // RFC 6455 §5.5: control frames are whole and carry 125 bytes at the most.
            && (!header.opcode.is_control() || (header.fin && header.payload_len <= 125))
            && header.minimal
            && header.payload_len <= LONGEST
    }
}

/// A header found again.
#[derive(Debug)]
pub(super) struct Found {
    /// Bytes passed over since the loss, gaps included.
    pub(super) skipped: u64,
    /// The evidence.
    pub(super) bits: u32,
    /// The buffered bytes from the header on, by packet.
    pub(super) pieces: Vec<(Stamp, Vec<u8>)>,
}

/// How much a place looks like a frame header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Likeness {
    /// How unlikely it is that other bytes look so: one in 2^bits.
    pub bits: u32,
    /// A frame of the chain has RSV1 set.
    pub rsv1: bool,
}

/// A search in progress.
#[derive(Debug)]
pub struct Resync {
    expectation: Expectation,
    limit: usize,
    buffer: Vec<u8>,
    /// Where each packet's bytes begin in `buffer`.
    starts: Vec<(usize, Stamp)>,
    /// Segment starts that nothing speaks against yet.
    candidates: Vec<usize>,
    next_scan: usize,
    skipped: u64,
}

impl Resync {
    /// A search that has seen nothing yet.
    pub fn new(expectation: Expectation, limits: Limits) -> Self {
        Self {
            expectation,
            limit: limits.resync_bytes,
            buffer: Vec::new(),
            starts: Vec::new(),
            candidates: Vec::new(),
            next_scan: FIRST_SCAN,
            skipped: 0,
        }
    }

    /// Bytes without a frame so far.
    pub(super) fn skipped(&self) -> u64 {
        self.skipped + self.buffer.len() as u64
    }

    /// More bytes are missing: what was gathered leads nowhere.
    pub fn gap(&mut self, len: u64) {
        self.skipped = self.skipped().saturating_add(len);
        self.buffer.clear();
        self.starts.clear();
        self.candidates.clear();
        self.next_scan = FIRST_SCAN;
    }

    /// Takes the next bytes; `Some` when a header was found.
    pub(super) fn chunk(&mut self, bytes: &[u8], stamp: Stamp) -> Option<Found> {
        self.gather(bytes, stamp);
        let found = self.at_segments(AT_SEGMENT).or_else(|| self.anywhere());
        if let Some((at, likeness)) = found {
            return Some(self.found(at, likeness.bits));
        }
        self.keep_limit();
        None
    }

    /// Takes the next bytes; the best likeness of any place, without settling on it.
    pub fn look(&mut self, bytes: &[u8], stamp: Stamp) -> Option<Likeness> {
        self.gather(bytes, stamp);
        let found = [self.at_segments(u32::MAX), self.anywhere()];
        self.keep_limit();
        let likenesses = found.into_iter().flatten().map(|(_, likeness)| likeness);
        likenesses.max_by_key(|likeness| likeness.bits)
    }

    fn gather(&mut self, bytes: &[u8], stamp: Stamp) {
        self.starts.push((self.buffer.len(), stamp));
        if self.candidates.len() < CANDIDATES_MAX {
            self.candidates.push(self.buffer.len());
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The first segment start with enough evidence, else the one with the most.
    fn at_segments(&mut self, enough: u32) -> Option<(usize, Likeness)> {
        let mut candidates = std::mem::take(&mut self.candidates);
        let mut best: Option<(usize, Likeness)> = None;
        candidates.retain(|&at| {
            let likeness = self.likeness(at);
            if let Some(new) = likeness
                && best.is_none_or(|(_, old)| old.bits < enough.min(new.bits))
            {
                best = Some((at, new));
            }
            likeness.is_some()
        });
        self.candidates = candidates;
        best.filter(|(_, likeness)| enough == u32::MAX || likeness.bits >= enough)
    }

    fn anywhere(&mut self) -> Option<(usize, Likeness)> {
        if self.buffer.len() < self.next_scan {
            return None;
        }
        self.next_scan = self.buffer.len().saturating_mul(2);
        (0..self.buffer.len()).find_map(|at| {
            let likeness = self.likeness(at)?;
            (likeness.bits >= ANYWHERE).then_some((at, likeness))
        })
    }

    /// Follows the chain of headers from `at`; `None` where something speaks against it.
    fn likeness(&self, at: usize) -> Option<Likeness> {
        let mut position = at;
        let mut likeness = Likeness {
            bits: 0,
            rsv1: false,
        };
        let mut fragmented = None;
        let mut previous = None;
        while let Some(rest) = self.buffer.get(position..).filter(|rest| !rest.is_empty())
            && likeness.bits < ENOUGH
        {
            let header = match parse_frame_header(rest) {
                ParsedHeader::Complete(header) => header,
                ParsedHeader::Incomplete => break,
                ParsedHeader::Invalid(_) => return None,
            };
            if !self.expectation.allows(&header) || !in_order(&header, &mut fragmented) {
                return None;
            }
            let payload = rest.get(usize::from(header.header_len)..);
            let before = position.checked_sub(1).and_then(|i| self.buffer.get(i));
            likeness.bits += content_bits(&header, payload.unwrap_or_default(), before.copied())?;
            likeness.bits += header_bits(&header, previous);
            likeness.rsv1 |= header.rsv1;
            previous = Some(header);
            let Some(end) = usize::try_from(header.payload_len)
                .ok()
                .and_then(|len| position.checked_add(usize::from(header.header_len) + len))
            else {
                break;
            };
            likeness.bits += self.end_bits(end, header.payload_len);
            position = end;
        }
        Some(likeness)
    }

    /// Evidence in a frame that ends where a segment does.
    fn end_bits(&self, end: usize, payload_len: u64) -> u32 {
        let at_start = || self.starts.binary_search_by_key(&end, |s| s.0).is_ok();
        if end != self.buffer.len() && !at_start() {
            return 0;
        }
        // The longer the segments, the less likely is it that one ends there by chance.
        let segment = self.buffer.len() / self.starts.len().max(1);
        segment
            .checked_ilog2()
            .unwrap_or(0)
            .min(if payload_len < 126 { 6 } else { 12 })
    }

    fn found(&mut self, at: usize, bits: u32) -> Found {
        let mut pieces = Vec::new();
        for (index, (start, stamp)) in self.starts.iter().enumerate() {
            let end = self
                .starts
                .get(index + 1)
                .map_or(self.buffer.len(), |next| next.0);
            if let Some(piece) = self.buffer.get((*start).max(at)..end)
                && end > at
            {
                pieces.push((*stamp, piece.to_vec()));
            }
        }
        Found {
            skipped: self.skipped + at as u64,
            bits,
            pieces,
        }
    }

    /// Forgets the older half where the buffer is full.
    fn keep_limit(&mut self) {
        if self.buffer.len() <= self.limit {
            return;
        }
        let stale = self.buffer.len() - self.limit / 2;
        self.buffer.drain(..stale);
        self.skipped += stale as u64;
        let kept = self.starts.partition_point(|(start, _)| *start < stale);
        // The packet that the cut goes through keeps its bytes, but is no frame's start.
        let split = kept
            .checked_sub(1)
            .and_then(|i| self.starts.get(i))
            .map(|s| (0, s.1));
        self.starts.drain(..kept);
        for (start, _) in &mut self.starts {
            *start -= stale;
        }
        if let Some(split) = split
            && self.starts.first().is_none_or(|first| first.0 > 0)
        {
            self.starts.insert(0, split);
        }
        self.candidates.retain(|at| *at >= stale);
        for at in &mut self.candidates {
            *at -= stale;
        }
        self.next_scan = self.limit;
    }
}

/// Whether a header can follow those before it; `fragmented` tells if a message is in progress.
fn in_order(header: &FrameHeader, fragmented: &mut Option<bool>) -> bool {
    if header.opcode.is_control() {
        return true;
    }
    // RFC 6455 §5.4: continuations only inside a message, first fragments only outside.
    let inside = header.opcode == OpCode::Continuation;
    let fits = fragmented.is_none_or(|open| open == inside);
    *fragmented = Some(!header.fin);
    fits
}

/// Evidence in the header itself.
fn header_bits(header: &FrameHeader, previous: Option<FrameHeader>) -> u32 {
    let look = |h: &FrameHeader| (h.fin, h.rsv1, h.opcode, h.payload_len);
    if previous.is_some_and(|previous| look(&previous) == look(header)) {
        // Pixels and samples repeat, too.
        return 1;
    }
    match (header.fin, header.opcode) {
        // Two zero bytes make an empty fragment, and nothing is as common as zeros.
        (false, OpCode::Continuation) => 0,
        // Small numbers; with RSV1 the letters A and B.
        (false, _) => 2,
        // Six or eight of 256 values, and the mask bit.
        (true, _) => 6,
    }
}

/// Evidence in the payload; `None` where it speaks against a frame. `before` is the byte in
/// front of the header.
fn content_bits(header: &FrameHeader, payload: &[u8], before: Option<u8>) -> Option<u32> {
    const LOOK: usize = 64;
    let whole = usize::try_from(header.payload_len).unwrap_or(usize::MAX);
    let shown = payload
        .get(..whole.min(payload.len()).min(LOOK))
        .unwrap_or_default();
    let mut plain = Vec::with_capacity(LOOK);
    match header.mask {
        Some(key) => unmask(shown, key, 0, &mut plain),
        None => plain.extend_from_slice(shown),
    }
    match header.opcode {
        OpCode::Text if !header.rsv1 => text_bits(header, &plain, before),
        OpCode::Close if plain.len() == whole => {
            let body = CloseBody::parse(&plain);
            let sane = !body.half_a_code && body.code.is_none_or(close_code_allowed);
            sane.then_some(if body.code.is_some() { 5 } else { 0 })
        }
        _ => Some(0),
    }
}

fn text_bits(header: &FrameHeader, plain: &[u8], before: Option<u8>) -> Option<u32> {
    // RFC 6455 §5.6: text is UTF-8. The last character may be cut by the fragment.
    if let Err(error) = std::str::from_utf8(plain)
        && error.error_len().is_some()
    {
        return None;
    }
    // In the middle of a long text, bytes of its characters look like headers (0x81 and 0x82
    // do), and what follows is text whether or not it is a frame's.
    let inside_text =
        header.mask.is_none() && !plain.is_ascii() && before.is_none_or(|byte| byte >= 0x80);
    if inside_text {
        return Some(0);
    }
    let printable = |byte: &&u8| **byte >= b' ' || b"\t\r\n".contains(byte);
    u32::try_from(plain.iter().take_while(printable).take(12).count()).ok()
}

#[cfg(test)]
mod tests;
