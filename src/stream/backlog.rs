//! What one direction has brought and nobody has read.
//!
//! Job: keep bytes in one piece, with the packets that brought them, the beginnings of writes and
//! the gaps between them. Input: chunks and gaps in order. Output: bytes by their place, and in
//! the end [`Piece`]s.
//!
//! A place counts from the first byte that is kept; a gap takes as many places as its length says,
//! and none where that is not known.

use std::collections::VecDeque;

use super::delivery::{Delivery, Missing};
use super::piece::{Piece, Stamps};

/// A chunk or a gap, or what is left of it.
#[derive(Debug, Clone, Copy)]
struct Part {
    /// Its place, counted from the very first byte.
    start: u64,
    /// Bytes before it, missing ones not counted.
    index: u64,
    at: Stamps,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Chunk {
        /// A write begins here.
        begins: bool,
        /// The first bytes of it were forgotten.
        cut: bool,
    },
    Gap(Missing),
}

/// Chunks and gaps of one direction, in order.
#[derive(Debug, Clone, Default)]
pub struct Backlog {
    /// The bytes that are there, and before them some that were forgotten.
    bytes: Vec<u8>,
    /// Bytes that are no longer in `bytes`.
    gone: u64,
    parts: VecDeque<Part>,
    /// Start and index of each gap.
    gaps: VecDeque<(u64, u64)>,
    /// Where what is kept begins and ends.
    front: u64,
    end: u64,
}

impl Backlog {
    /// Bytes that are there.
    pub fn len(&self) -> usize {
        self.unread().len()
    }

    /// Bytes of memory that it takes.
    pub fn kept(&self) -> usize {
        let places = self.gaps.capacity() * size_of::<(u64, u64)>();
        self.bytes.capacity() + self.parts.capacity() * size_of::<Part>() + places
    }

    /// Whether there are neither bytes nor gaps.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Bytes, missing ones counted where their number is known.
    pub fn span(&self) -> u64 {
        self.end - self.front
    }

    /// Chunks and gaps.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// All bytes that are there, as if there were no gaps.
    pub fn unread(&self) -> &[u8] {
        match self.parts.front() {
            Some(first) => self.slice(first.index, u64::MAX),
            None => &[],
        }
    }

    /// Keeps what was delivered. A conflict leaves nothing to keep.
    pub fn push(&mut self, delivery: Delivery<'_>, at: Stamps) {
        match delivery {
            Delivery::Chunk { bytes, begins } => self.push_chunk(bytes, begins, at),
            Delivery::Gap(missing) => self.push_gap(missing, at),
            Delivery::Conflict { .. } => {}
        }
    }

    fn push_chunk(&mut self, bytes: &[u8], begins: bool, at: Stamps) {
        if bytes.is_empty() {
            return;
        }
        self.compact();
        let goes_on = |last: &Part| last.at == at && matches!(last.kind, Kind::Chunk { .. });
        if begins || !self.parts.back().is_some_and(goes_on) {
            let cut = false;
            self.part(at, Kind::Chunk { begins, cut });
        }
        self.bytes.extend_from_slice(bytes);
        self.end += bytes.len() as u64;
    }

    fn push_gap(&mut self, missing: Missing, at: Stamps) {
        if missing == Missing::Bytes(0) {
            return;
        }
        let mut whole = missing;
        // Neighbouring gaps are one.
        if let Some(last) = self.parts.back_mut()
            && let Kind::Gap(so_far) = &mut last.kind
        {
            whole = so_far.and(missing);
            *so_far = whole;
            last.at.last = at.last;
            self.end = last.start;
        } else {
            self.gaps.push_back((self.end, self.known()));
            self.part(at, Kind::Gap(missing));
        }
        self.end = self.end.saturating_add(whole.exactly().unwrap_or(0));
    }

    fn part(&mut self, at: Stamps, kind: Kind) {
        self.parts.push_back(Part {
            start: self.end,
            index: self.known(),
            at,
            kind,
        });
    }

    /// All bytes that ever were there.
    fn known(&self) -> u64 {
        self.gone + self.bytes.len() as u64
    }

    /// Drops forgotten bytes where they are the greater part.
    fn compact(&mut self) {
        let kept = self.len();
        let stale = self.bytes.len() - kept;
        if stale > kept {
            self.bytes.drain(..stale);
            self.gone += stale as u64;
        }
    }

    /// The bytes with these indices, as far as they are there.
    fn slice(&self, from: u64, to: u64) -> &[u8] {
        let within = |index: u64| {
            usize::try_from(index.saturating_sub(self.gone))
                .unwrap_or(usize::MAX)
                .min(self.bytes.len())
        };
        self.bytes.get(within(from)..within(to)).unwrap_or_default()
    }

    /// The bytes before the first gap.
    pub fn run(&self) -> &[u8] {
        match self.parts.front() {
            Some(first) if matches!(first.kind, Kind::Chunk { .. }) => {
                let end = self.gaps.front().map_or(u64::MAX, |(_, index)| *index);
                self.slice(first.index, end)
            }
            _ => &[],
        }
    }

    /// The first bytes before the first gap were read.
    pub fn consume(&mut self, count: usize) {
        self.forget(self.run().len().min(count) as u64);
    }

    /// The bytes of each chunk, with its place.
    pub fn chunks(&self) -> impl DoubleEndedIterator<Item = (u64, &[u8])> {
        let parts = self.parts.iter().enumerate();
        let chunks = parts.filter(|(_, part)| matches!(part.kind, Kind::Chunk { .. }));
        chunks.map(|(index, part)| {
            let until = part.index + (self.start_of(index + 1) - part.start);
            (part.start - self.front, self.slice(part.index, until))
        })
    }

    /// Whether there is a gap.
    pub fn has_gap(&self) -> bool {
        !self.gaps.is_empty()
    }

    /// The packets that brought or showed what comes first.
    pub fn first(&self) -> Option<Stamps> {
        self.parts.front().map(|part| part.at)
    }

    /// Takes the gap that comes first, where one does.
    pub fn take_gap(&mut self) -> Option<(Stamps, Missing)> {
        let Kind::Gap(missing) = self.parts.front()?.kind else {
            return None;
        };
        let gap = self.parts.pop_front()?;
        self.gaps.pop_front();
        self.front = self.start_of(0);
        Some((gap.at, missing))
    }

    /// Where the part of that number begins, or the next one will.
    fn start_of(&self, part: usize) -> u64 {
        self.parts.get(part).map_or(self.end, |part| part.start)
    }

    /// Forgets what comes first, a chunk or a gap.
    pub fn forget_first(&mut self) {
        if self.take_gap().is_none() {
            self.forget(self.start_of(1) - self.front);
        }
    }

    /// Forgets everything before a place. A gap of unknown length stays if it begins there.
    pub fn forget(&mut self, place: u64) {
        self.front = self.end.min(self.front.saturating_add(place));
        loop {
            let end = self.start_of(1);
            let Some(first) = self.parts.front_mut() else {
                break;
            };
            let passed = self.front.saturating_sub(first.start);
            if passed == 0 {
                break;
            }
            if end <= self.front {
                if matches!(first.kind, Kind::Gap(_)) {
                    self.gaps.pop_front();
                }
                self.parts.pop_front();
                continue;
            }
            first.start = self.front;
            match &mut first.kind {
                Kind::Chunk { cut, .. } => {
                    *cut = true;
                    first.index += passed;
                }
                Kind::Gap(missing) => {
                    *missing = Missing::Bytes(end - self.front);
                    if let Some((start, _)) = self.gaps.front_mut() {
                        *start = self.front;
                    }
                }
            }
        }
        if self.parts.is_empty() {
            self.gone = self.known();
            self.bytes.clear();
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The bytes from a place to the next gap; none inside a gap.
    pub fn from(&self, place: u64) -> &[u8] {
        let place = self.front.saturating_add(place);
        let next = self.parts.partition_point(|part| part.start <= place);
        let inside = next.checked_sub(1).and_then(|index| self.parts.get(index));
        let Some(part) = inside.filter(|part| matches!(part.kind, Kind::Chunk { .. })) else {
            return &[];
        };
        let gap = self.gaps.partition_point(|(start, _)| *start <= place);
        let end = self.gaps.get(gap).map_or(u64::MAX, |(_, index)| *index);
        self.slice(part.index + (place - part.start), end)
    }

    /// The byte before a place, where it is there.
    pub fn before(&self, place: u64) -> Option<u8> {
        self.from(place.checked_sub(1)?).first().copied()
    }

    /// Whether a write begins at a place, or the next one will.
    pub fn is_edge(&self, place: u64) -> bool {
        let place = self.front.saturating_add(place);
        let index = self.parts.partition_point(|part| part.start < place);
        place == self.end
            || (self.parts.range(index..))
                .take_while(|part| part.start == place)
                .any(Part::is_edge)
    }

    /// Whether a write ends at a place, as far as can be seen: another one begins there, or a gap
    /// or nothing more follows.
    pub fn is_end(&self, place: u64) -> bool {
        let at = self.front.saturating_add(place);
        let gap = self.gaps.binary_search_by_key(&at, |(start, _)| *start);
        gap.is_ok() || self.is_edge(place)
    }

    /// Bytes of the write that ends at a place; `None` where none does, or where not all of it is
    /// there.
    pub fn write_before(&self, end: u64) -> Option<u64> {
        if !self.is_end(end) {
            return None;
        }
        let end = self.front.saturating_add(end);
        let parts = self.parts.partition_point(|part| part.start < end);
        let mut before = self.parts.range(..parts).rev();
        let begun = before.find(|part| !matches!(part.kind, Kind::Chunk { begins: false, .. }))?;
        begun.is_edge().then(|| end - begun.start)
    }

    /// How many writes begin after the place `start` and before `end`.
    pub fn writes_between(&self, start: u64, end: u64) -> usize {
        let [start, end] = [start, end].map(|place| self.front.saturating_add(place));
        let first = self.parts.partition_point(|part| part.start <= start);
        let parts = self
            .parts
            .range(first..)
            .take_while(|part| part.start < end);
        parts.filter(|part| part.is_edge()).count()
    }

    /// The places where writes begin.
    pub fn writes(&self) -> impl Iterator<Item = u64> {
        let edges = self.parts.iter().filter(|part| part.is_edge());
        edges.map(|part| part.start - self.front)
    }

    /// Whether a gap follows a place.
    pub fn has_gap_after(&self, place: u64) -> bool {
        let place = self.front.saturating_add(place);
        self.gaps.back().is_some_and(|(start, _)| *start >= place)
    }

    /// What is kept from a place on.
    pub fn pieces(&self, place: u64) -> Vec<Piece> {
        let place = self.front.saturating_add(place);
        let piece = |(index, part): (usize, &Part)| {
            let (at, end) = (part.at, self.start_of(index + 1));
            let passed = place.saturating_sub(part.start);
            match part.kind {
                Kind::Gap(missing) if passed == 0 => Some(Piece::Gap { at, missing }),
                _ if end <= place => None,
                Kind::Gap(_) => Some(Piece::Gap {
                    at,
                    missing: Missing::Bytes(end - place),
                }),
                Kind::Chunk { .. } => {
                    let until = part.index + (end - part.start);
                    Some(Piece::Chunk {
                        at,
                        bytes: self.slice(part.index + passed, until).to_vec(),
                        begins: part.is_edge() && passed == 0,
                    })
                }
            }
        };
        self.parts.iter().enumerate().filter_map(piece).collect()
    }

    /// Takes everything.
    pub fn take(&mut self) -> Vec<Piece> {
        let pieces = self.pieces(0);
        self.clear();
        pieces
    }
}

impl Part {
    /// Whether a write begins with its first byte.
    fn is_edge(&self) -> bool {
        let edge = Kind::Chunk {
            begins: true,
            cut: false,
        };
        self.kind == edge
    }
}

#[cfg(test)]
mod tests;
