//! A chain of frames that begins where a segment does.
//!
//! Job: follow headers from one place and count what speaks for them. Input: what is gathered.
//! Output: bits, and where the chain stands. RFC 6455 §5.2, §5.4.
//!
//! Frames back to back from the first byte of a segment to the last byte of that or a later one
//! are a group. Of a sender all of whose groups are segments, only whole groups count, and the
//! chain ends where one of them does not: it is made of what a payload holds. Places are counted from the loss on, so that the end of a long frame is known
//! after its first bytes were forgotten.

use super::anywhere::ENOUGH as ENOUGH_ANYWHERE;
use super::scale::{Content, Scale, Seen, Weighed};
use crate::ws::evidence::in_order;
use crate::ws::header::FrameHeader;
use crate::ws::opcode::OpCode;

/// A chain of so many frames for which less speaks than a bit each is followed no more: zeros make
/// chains without end.
const FRAMES_MAX: u32 = 64;

/// Bits that the first group needs.
pub(super) const FIRST_GROUP: u32 = 11;

/// Bits that tell frames from those inside a payload by where segments begin and end.
const EDGES: u32 = 22;

/// The same where the segment before is full: there are many such places.
const EDGES_INSIDE: u32 = 32;

/// How a chain's first segment begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// After a gap.
    Gap,
    /// After a segment that had room left: a write of the sender begins.
    Write,
    /// After a full segment: perhaps in the middle of a write.
    Inside,
    /// In the middle of a segment.
    Anywhere,
}

/// Bits that frames with the same bytes count together.
const AGAIN_MOST: u32 = 8;

/// Where the end of a frame stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// What it counts that a segment ends there; `None` where none does.
    landing: Option<u32>,
    /// A write of the sender does.
    write_end: bool,
    /// The frame holds the bytes of the one before.
    again: bool,
    /// It is all of one segment, or of two with its header as the first.
    alone: bool,
}

/// A frame whose end has not come.
#[derive(Debug, Clone, Copy)]
struct Open {
    weighed: Weighed,
    /// What its payload counts, once enough of it is there.
    content: Option<u32>,
}

/// A chain in progress.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the chain"
)]
pub(super) struct Chain {
    /// Where its first frame begins.
    pub(super) start: u64,
    /// Where its next frame begins.
    pub(super) tip: u64,
    open: Option<Open>,
    /// Something speaks against a frame at the tip, or nothing can come there.
    pub(super) over: bool,
    /// All that speaks for it, groups that have not ended left out where `strict`.
    pub(super) bits: u32,
    /// What speaks for the group that has not ended.
    pending: u32,
    /// The sender's groups are whole segments.
    strict: bool,
    /// Where it begins.
    pub(super) from: Start,
    /// Groups that end where a write of the sender does.
    write_ends: u32,
    /// What speaks for frames that say the same as the one before them.
    again: u32,
    /// How unlikely it is that other frames begin and end with segments as these do.
    edge_bits: u32,
    /// What speaks for its first group.
    pub(super) first: u32,
    pub(super) group_ended: bool,
    /// It goes on with a message that nobody saw begin, which says too little by itself.
    headless: bool,
    fragmented: Option<bool>,
    previous: Option<(u64, FrameHeader)>,
    pub(super) frames: u32,
    /// Frames after the first that begin where a segment does.
    pub(super) aligned: u32,
    /// Frames that end inside a later segment than they begin in.
    pub(super) loose: u32,
}

impl Chain {
    pub(super) fn new(start: u64, strict: bool, from: Start) -> Self {
        Self {
            start,
            tip: start,
            open: None,
            over: false,
            bits: 0,
            pending: 0,
            strict,
            from,
            write_ends: 0,
            again: 0,
            edge_bits: 0,
            first: 0,
            group_ended: false,
            headless: false,
            fragmented: None,
            previous: None,
            frames: 0,
            aligned: 0,
            loose: 0,
        }
    }

    /// Follows the chain as far as bytes are there, of which `forgotten` came before `scale`'s
    /// buffer.
    pub(super) fn follow(&mut self, scale: &Scale<'_>, forgotten: u64) {
        self.over = self.over || !self.goes_on(scale, forgotten);
    }

    fn goes_on(&mut self, scale: &Scale<'_>, forgotten: u64) -> bool {
        let received = forgotten + scale.buffer.span();
        while self.frames < FRAMES_MAX || self.bits >= self.frames {
            let Some(at) = self.tip.checked_sub(forgotten) else {
                return self.pass(received, scale, forgotten);
            };
            let mut open = match self.open {
                Some(open) => open,
                None => match self.header(at, scale) {
                    Ok(Some(open)) => open,
                    Ok(None) => return !scale.buffer.has_gap_after(at),
                    Err(()) => return false,
                },
            };
            if open.content.is_none() {
                match scale.content(at, &open.weighed.header) {
                    Content::Refused => return false,
                    Content::Unknown => {}
                    Content::Bits(bits) => open.content = Some(bits),
                }
            }
            self.open = Some(open);
            let end = self.tip.saturating_add(open.weighed.len());
            if end > received {
                return true;
            }
            self.end(at, &open, scale, forgotten);
            if self.strict && self.loose > 0 {
                return false;
            }
        }
        false
    }

    /// The header at the tip; `Err` where it speaks against the chain.
    fn header(&mut self, at: u64, scale: &Scale<'_>) -> Result<Option<Open>, ()> {
        let header = match scale.seen(at) {
            Seen::Header(header) => header,
            Seen::Incomplete => return Ok(None),
            Seen::Refused => return Err(()),
        };
        let inside = self.fragmented != Some(false);
        self.headless |= self.frames == 0 && header.opcode == OpCode::Continuation;
        if !in_order(&header, &mut self.fragmented) {
            return Err(());
        }
        let previous = self.previous.as_ref().map(|(_, header)| header);
        Ok(Some(Open {
            weighed: scale.weigh(header, previous, inside, self.frames as usize),
            content: None,
        }))
    }

    /// The first bytes of the frame at the tip are forgotten.
    fn pass(&mut self, received: u64, scale: &Scale<'_>, forgotten: u64) -> bool {
        let Some(open) = self.open else { return false };
        let end = self.tip.saturating_add(open.weighed.len());
        if end > received {
            return true;
        }
        let end = end.saturating_sub(forgotten);
        let at_edge = scale.buffer.is_end(end);
        let place = Place {
            landing: at_edge.then(|| scale.landing(open.weighed.landing, false)),
            write_end: scale.is_write_end(end),
            again: false,
            alone: false,
        };
        self.credit(&open, place);
        self.step(&open, None);
        self.goes_on(scale, forgotten)
    }

    /// The frame at the tip has come to its end.
    fn end(&mut self, at: u64, open: &Open, scale: &Scale<'_>, forgotten: u64) {
        let header = &open.weighed.header;
        let end = at.saturating_add(open.weighed.len());
        let at_edge = scale.buffer.is_end(end);
        let again = self.previous.as_ref().is_some_and(|(before, previous)| {
            let before = before.checked_sub(forgotten);
            before.is_some_and(|before| scale.alike((before, previous), (at, header)))
        });
        let begins = scale.buffer.is_edge(at);
        let inside = scale.buffer.writes_between(at, end);
        self.aligned += u32::from(begins && self.frames > 0);
        self.loose += u32::from(!at_edge && inside > 0);
        // Some senders write the header and the payload apart: then two ends meet two segments.
        let payload = at.saturating_add(u64::from(header.header_len));
        let apart = inside == 1 && scale.buffer.is_edge(payload);
        let alone = begins && at_edge && (inside == 0 || apart);
        let place = Place {
            landing: at_edge.then(|| scale.landing(open.weighed.landing, alone)),
            write_end: scale.is_write_end(end),
            again,
            alone,
        };
        self.credit(open, place);
        let header = *header;
        self.step(open, Some(header));
    }

    /// Counts what speaks for a frame.
    fn credit(&mut self, open: &Open, place: Place) {
        let at_edge = place.landing.is_some();
        let landing = place.landing.unwrap_or(0);
        let edge = open.weighed.len().checked_ilog2().unwrap_or(0).min(11);
        let bits = if place.again {
            // The same bytes again are a pattern, of which only the end says something.
            let bits = landing.min(edge).min(AGAIN_MOST - self.again);
            self.again += bits;
            bits
        } else {
            open.weighed.header_bits() + landing + open.content.unwrap_or(0)
        };
        self.pending += bits;
        if at_edge || !self.strict {
            self.bits += std::mem::take(&mut self.pending);
        }
        self.edge_bits += if self.frames == 0 { edge } else { 0 };
        self.edge_bits += if at_edge { edge } else { 0 };
        self.write_ends += u32::from(place.write_end);
        if !self.group_ended {
            // A segment that is one short frame is less of a chance than a short frame somewhere.
            let whole = if place.alone && self.frames == 0 {
                8_u32.saturating_sub(open.weighed.form + landing)
            } else {
                0
            };
            self.first += bits + whole;
            self.group_ended = at_edge;
        }
    }

    /// Whether chance would hardly make it, with so many bits needed.
    pub(super) fn is_believed(&self, bits: u32) -> bool {
        // Frames inside a payload begin and end with segments only by chance.
        let outer = match self.from {
            _ if !self.strict => true,
            Start::Inside => self.edge_bits >= EDGES_INSIDE,
            Start::Anywhere => false,
            Start::Gap | Start::Write => self.write_ends > 0 || self.edge_bits >= EDGES,
        };
        let bits = if self.from == Start::Anywhere {
            ENOUGH_ANYWHERE
        } else {
            bits
        };
        outer && !self.headless && self.bits >= bits && self.first >= FIRST_GROUP
    }

    fn step(&mut self, open: &Open, header: Option<FrameHeader>) {
        self.previous = header.map(|header| (self.tip, header));
        self.tip = self.tip.saturating_add(open.weighed.len());
        self.open = None;
        self.frames += 1;
    }

    /// The first `forgotten` bytes are to be forgotten: where the first frame begins that is not.
    pub(super) fn forget(&mut self, forgotten: u64) {
        if self.start >= forgotten {
            return;
        }
        // Frames between are found again from the tip on only; the search has settled long ago.
        self.start = match (self.tip < forgotten, self.open) {
            (true, Some(open)) => self.tip.saturating_add(open.weighed.len()),
            _ => self.tip,
        };
    }

    /// Whether it can still come to something after so many bytes are forgotten.
    pub(super) fn outlives(&self, forgotten: u64) -> bool {
        self.tip >= forgotten || self.open.is_some()
    }
}
