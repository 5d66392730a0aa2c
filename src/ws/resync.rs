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
const AT_SEGMENT: u32 = 22;

/// Bits that a header anywhere else needs: there are up to 2^16 such places.
const ANYWHERE: u32 = 44;

/// The search over every offset waits for this much data, and again at each doubling.
const FIRST_SCAN: usize = 4096;

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

/// A search in progress.
#[derive(Debug)]
pub(super) struct Resync {
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

enum Evidence {
    Against,
    Bits(u32),
}

impl Resync {
    /// A search that has seen nothing yet.
    pub(super) fn new(expectation: Expectation, limits: Limits) -> Self {
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
    pub(super) fn gap(&mut self, len: u64) {
        self.skipped = self.skipped().saturating_add(len);
        self.buffer.clear();
        self.starts.clear();
        self.candidates.clear();
        self.next_scan = FIRST_SCAN;
    }

    /// Takes the next bytes; `Some` when a header was found.
    pub(super) fn chunk(&mut self, bytes: &[u8], stamp: Stamp) -> Option<Found> {
        self.starts.push((self.buffer.len(), stamp));
        self.candidates.push(self.buffer.len());
        self.buffer.extend_from_slice(bytes);
        if let Some((at, bits)) = self.best_candidate().or_else(|| self.scan()) {
            return Some(self.found(at, bits));
        }
        if self.buffer.len() > self.limit {
            self.forget_half();
        }
        None
    }

    fn best_candidate(&mut self) -> Option<(usize, u32)> {
        let mut candidates = std::mem::take(&mut self.candidates);
        let mut found = None;
        candidates.retain(|&at| match self.evidence(at) {
            Evidence::Against => false,
            Evidence::Bits(bits) => {
                if bits >= AT_SEGMENT && found.is_none() {
                    found = Some((at, bits));
                }
                true
            }
        });
        self.candidates = candidates;
        found
    }

    fn scan(&mut self) -> Option<(usize, u32)> {
        if self.buffer.len() < self.next_scan {
            return None;
        }
        self.next_scan = self.buffer.len().saturating_mul(2);
        (0..self.buffer.len()).find_map(|at| match self.evidence(at) {
            Evidence::Bits(bits) if bits >= ANYWHERE => Some((at, bits)),
            _ => None,
        })
    }

    /// Follows the chain of headers from `at`.
    fn evidence(&self, at: usize) -> Evidence {
        let mut position = at;
        let mut bits = 0;
        let mut fragmented = None;
        while let Some(rest) = self.buffer.get(position..).filter(|rest| !rest.is_empty()) {
            let header = match parse_frame_header(rest) {
                ParsedHeader::Complete(header) => header,
                ParsedHeader::Incomplete => break,
                ParsedHeader::Invalid(_) => return Evidence::Against,
            };
            if !self.plausible(&header) || !in_order(&header, &mut fragmented) {
                return Evidence::Against;
            }
            let payload = rest
                .get(usize::from(header.header_len)..)
                .unwrap_or_default();
            let Some(content) = content_bits(&header, payload) else {
                return Evidence::Against;
            };
            // First byte: 9 or 13 of 256 values; the mask bit: one of two.
            bits += content + if self.expectation.rsv1 { 5 } else { 6 };
            let Some(end) = usize::try_from(header.payload_len)
                .ok()
                .and_then(|len| position.checked_add(usize::from(header.header_len) + len))
            else {
                break;
            };
            if end == self.buffer.len() || self.starts.iter().any(|(start, _)| *start == end) {
                bits += if header.payload_len < 126 { 6 } else { 12 };
            }
            position = end;
        }
        Evidence::Bits(bits)
    }

    fn plausible(&self, header: &FrameHeader) -> bool {
        let data_start = matches!(header.opcode, OpCode::Text | OpCode::Binary);
        // RFC 6455 §5.1: clients mask every frame, servers none.
        header.mask.is_some() == (self.expectation.from == Peer::Client)
            && !header.rsv2
            && !header.rsv3
            && (!header.rsv1 || (self.expectation.rsv1 && data_start))
            && !header.opcode.is_reserved()
            // RFC 6455 §5.5: control frames are whole and carry 125 bytes at the most.
            && (!header.opcode.is_control() || (header.fin && header.payload_len <= 125))
            && header.minimal
            && header.payload_len <= LONGEST
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

    fn forget_half(&mut self) {
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

/// Evidence in the payload; `None` where it speaks against a frame.
fn content_bits(header: &FrameHeader, payload: &[u8]) -> Option<u32> {
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
        OpCode::Text if !header.rsv1 => {
            // RFC 6455 §5.6: text is UTF-8. The last character may be cut by the fragment.
            let valid = match std::str::from_utf8(&plain) {
                Ok(_) => true,
                Err(error) => error.error_len().is_none(),
            };
            valid.then(|| u32::try_from(plain.len().min(12)).unwrap_or(0))
        }
        OpCode::Close if plain.len() == whole => {
            let body = CloseBody::parse(&plain);
            let sane = !body.half_a_code && body.code.is_none_or(close_code_allowed);
            sane.then_some(if body.code.is_some() { 5 } else { 0 })
        }
        _ => Some(0),
    }
}

#[cfg(test)]
mod tests;
