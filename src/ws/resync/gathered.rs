//! What a search for a header has gathered.
//!
//! Job: keep bytes by the packet that brought them, and small gaps between them by their length.
//! Input: chunks and gaps. Output: bytes by position, and in the end [`Stretch`]es.

use std::ops::Range;

use crate::base::Stamp;

/// Part of what was gathered, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ws) enum Stretch {
    /// Bytes of one packet.
    Bytes(Stamp, Vec<u8>),
    /// So many bytes that the capture lacks; the packet that showed it.
    Gap(Stamp, u64),
}

impl Stretch {
    /// Bytes, missing ones counted.
    pub(in crate::ws) fn len(&self) -> u64 {
        match self {
            Self::Bytes(_, bytes) => bytes.len() as u64,
            Self::Gap(_, len) => *len,
        }
    }
}

/// Where a packet's bytes begin, or a gap.
#[derive(Debug, Clone, Copy)]
struct Part {
    start: usize,
    stamp: Stamp,
    is_gap: bool,
    /// Its first bytes were forgotten.
    is_cut: bool,
}

/// Bytes and gaps, one behind the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathered {
    /// Zeros in the gaps.
    bytes: Vec<u8>,
    parts: Vec<Part>,
    /// Where gaps begin.
    gaps: Vec<usize>,
    /// How many of `bytes` are none.
    missing: usize,
}

impl Gathered {
    /// Bytes, missing ones counted.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes that are there.
    pub(super) fn known(&self) -> usize {
        self.bytes.len() - self.missing
    }

    /// Packets that brought them.
    pub(super) fn packets(&self) -> usize {
        self.parts.len() - self.gaps.len()
    }

    pub(super) fn push(&mut self, bytes: &[u8], stamp: Stamp) {
        self.part(stamp, false);
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn push_gap(&mut self, len: usize, stamp: Stamp) {
        self.gaps.push(self.bytes.len());
        self.part(stamp, true);
        self.bytes.resize(self.bytes.len() + len, 0);
        self.missing += len;
    }

    fn part(&mut self, stamp: Stamp, is_gap: bool) {
        self.parts.push(Part {
            start: self.bytes.len(),
            stamp,
            is_gap,
            is_cut: false,
        });
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The bytes from `at` to the next gap.
    pub(super) fn from(&self, at: usize) -> &[u8] {
        let next = self.parts.partition_point(|part| part.start <= at);
        let inside = next.checked_sub(1).and_then(|i| self.parts.get(i));
        if inside.is_none_or(|part| part.is_gap) {
            return &[];
        }
        let gap = self.gaps.partition_point(|gap| *gap <= at);
        let end = self.gaps.get(gap).copied().unwrap_or(self.bytes.len());
        self.bytes.get(at..end).unwrap_or_default()
    }

    /// The byte before `at`, where it is there.
    pub(super) fn before(&self, at: usize) -> Option<u8> {
        self.from(at.checked_sub(1)?).first().copied()
    }

    /// Whether a packet's bytes begin at `at`, or the next ones will.
    pub(super) fn is_edge(&self, at: usize) -> bool {
        let begins = self.parts.binary_search_by_key(&at, |part| part.start);
        let begins = begins.ok().and_then(|index| self.parts.get(index));
        at == self.bytes.len() || begins.is_some_and(|part| !part.is_gap && !part.is_cut)
    }

    /// Whether one packet's bytes, with what was cut off behind them, go from `start` to `end`.
    pub(super) fn is_segment(&self, start: usize, end: usize) -> bool {
        let parts = self.parts.partition_point(|part| part.start < end);
        let parts = self.parts.get(..parts).unwrap_or_default();
        let mut last = parts.iter().rev();
        let begin = match last.next() {
            Some(part) if part.is_gap => last.next(),
            other => other,
        };
        begin.is_some_and(|part| part.start == start && !part.is_gap && !part.is_cut)
    }

    /// Forgets the first `count` bytes.
    pub(super) fn forget(&mut self, count: usize) {
        self.bytes.drain(..count.min(self.bytes.len()));
        let kept = self.parts.partition_point(|part| part.start < count);
        let split = kept.checked_sub(1).and_then(|i| self.parts.get(i)).copied();
        self.parts.drain(..kept);
        for part in &mut self.parts {
            part.start -= count;
        }
        if let Some(part) = split
            && !self.bytes.is_empty()
            && self.parts.first().is_none_or(|first| first.start > 0)
        {
            let cut = Part {
                start: 0,
                is_cut: true,
                ..part
            };
            self.parts.insert(0, cut);
        }
        let gaps = |(part, _): &(&Part, Range<usize>)| part.is_gap;
        let missing = self
            .ranges()
            .filter(gaps)
            .map(|(_, range)| range.len())
            .sum();
        self.gaps = self
            .ranges()
            .filter(gaps)
            .map(|(_, range)| range.start)
            .collect();
        self.missing = missing;
    }

    /// What stands from `at` on.
    pub(super) fn stretches(&self, at: usize) -> Vec<Stretch> {
        self.ranges()
            .filter(|(_, range)| range.end > at)
            .filter_map(|(part, range)| {
                let from = range.start.max(at);
                Some(if part.is_gap {
                    Stretch::Gap(part.stamp, (range.end - from) as u64)
                } else {
                    Stretch::Bytes(part.stamp, self.bytes.get(from..range.end)?.to_vec())
                })
            })
            .collect()
    }

    /// All bytes that are there.
    pub(super) fn all_known(&self) -> impl Iterator<Item = u8> {
        let known = self.ranges().filter(|(part, _)| !part.is_gap);
        known.flat_map(|(_, range)| self.bytes.get(range).unwrap_or_default().iter().copied())
    }

    fn ranges(&self) -> impl Iterator<Item = (&Part, Range<usize>)> {
        let ends = self.parts.iter().skip(1).map(|part| part.start);
        let ends = ends.chain(std::iter::once(self.bytes.len()));
        self.parts
            .iter()
            .zip(ends)
            .map(|(part, end)| (part, part.start..end))
    }
}
