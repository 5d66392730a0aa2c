//! Bytes of one direction that wait to be read.
//!
//! Job: keep unread bytes in one piece, and remember which packet brought which and where the
//! capture lacks some. Input: chunks and gaps in order. Output: the bytes up to the next gap, and
//! in the end [`Piece`]s for the layer that goes on.

use std::collections::VecDeque;

use crate::base::{PacketRef, Stamp};

/// What is left of one direction when HTTP ends, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Bytes, and the packet that brought them.
    Chunk(Stamp, Vec<u8>),
    /// So many bytes that the capture lacks.
    Gap(Stamp, u64),
}

impl Piece {
    /// The packet that brought it, or that showed the gap.
    pub fn packet(&self) -> PacketRef {
        match self {
            Self::Chunk(stamp, _) | Self::Gap(stamp, _) => stamp.packet,
        }
    }
}

/// Bytes without a gap between them, and the gap before them.
#[derive(Debug, Default)]
struct Run {
    gap: Option<(Stamp, u64)>,
    bytes: Vec<u8>,
    /// How many of `bytes` were read.
    read: usize,
    /// Where in `bytes` each packet's part begins, in order.
    marks: VecDeque<(usize, Stamp)>,
}

impl Run {
    fn push(&mut self, at: Stamp, bytes: &[u8]) {
        if self.read > self.bytes.len() / 2 {
            self.bytes.drain(..self.read);
            for (begins, _) in &mut self.marks {
                *begins = begins.saturating_sub(self.read);
            }
            self.read = 0;
        }
        if self.marks.back().is_none_or(|&(_, last)| last != at) {
            self.marks.push_back((self.bytes.len(), at));
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn unread(&self) -> &[u8] {
        self.bytes.get(self.read..).unwrap_or_default()
    }

    fn consume(&mut self, count: usize) {
        self.read = self.bytes.len().min(self.read + count);
        while self
            .marks
            .get(1)
            .is_some_and(|&(begins, _)| begins <= self.read)
        {
            self.marks.pop_front();
        }
        if self.read == self.bytes.len() {
            self.bytes.clear();
            self.marks.clear();
            self.read = 0;
        }
    }

    fn into_pieces(self) -> impl Iterator<Item = Piece> {
        let ends: Vec<_> = self
            .marks
            .iter()
            .skip(1)
            .map(|&(begins, _)| begins)
            .collect();
        let ends = ends.into_iter().chain([self.bytes.len()]);
        let gap = self.gap.map(|(at, len)| Piece::Gap(at, len));
        let chunks = self
            .marks
            .into_iter()
            .zip(ends)
            .filter_map(move |((from, at), to)| {
                let bytes = self.bytes.get(from.max(self.read)..to)?;
                (!bytes.is_empty()).then(|| Piece::Chunk(at, bytes.to_vec()))
            });
        gap.into_iter().chain(chunks)
    }
}

/// Unread bytes and gaps.
#[derive(Debug, Default)]
pub(super) struct Input {
    runs: VecDeque<Run>,
    len: usize,
}

impl Input {
    /// Unread bytes on both sides of all gaps.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Whether neither bytes nor gaps wait.
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0 && self.runs.iter().all(|run| run.gap.is_none())
    }

    pub(super) fn push(&mut self, at: Stamp, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.len += bytes.len();
        if let Some(last) = self.runs.back_mut() {
            last.push(at, bytes);
        } else {
            let mut run = Run::default();
            run.push(at, bytes);
            self.runs.push_back(run);
        }
    }

    pub(super) fn push_gap(&mut self, at: Stamp, len: u64) {
        // Neighbouring gaps are one; an empty run would only stand in the way.
        match self.runs.back_mut() {
            Some(Run {
                gap: Some((_, before)),
                bytes,
                ..
            }) if bytes.is_empty() => {
                *before = before.saturating_add(len);
            }
            Some(run) if run.bytes.is_empty() => run.gap = Some((at, len)),
            _ => self.runs.push_back(Run {
                gap: Some((at, len)),
                ..Run::default()
            }),
        }
    }

    /// The unread bytes before the next gap.
    pub(super) fn run(&self) -> &[u8] {
        match self.runs.front() {
            Some(run) if run.gap.is_none() => run.unread(),
            _ => &[],
        }
    }

    /// Whether a gap stands right behind [`Input::run`].
    pub(super) fn gap_follows(&self) -> bool {
        self.runs.iter().take(2).any(|run| run.gap.is_some())
    }

    /// The packet that brought the first unread byte.
    pub(super) fn stamp(&self) -> Stamp {
        let mark = self.runs.front().and_then(|run| run.marks.front());
        mark.map(|&(_, at)| at).unwrap_or_default()
    }

    /// The first `count` bytes of the run were read.
    pub(super) fn consume(&mut self, count: usize) {
        let count = count.min(self.run().len());
        self.len -= count;
        if let Some(run) = self.runs.front_mut() {
            run.consume(count);
            if run.bytes.is_empty() && run.gap.is_none() && self.runs.len() > 1 {
                self.runs.pop_front();
            }
        }
    }

    /// Takes the gap that stands next, where one does.
    pub(super) fn take_gap(&mut self) -> Option<(Stamp, u64)> {
        self.runs.front_mut()?.gap.take()
    }

    /// Puts a gap back in front of everything.
    pub(super) fn untake_gap(&mut self, gap: (Stamp, u64)) {
        match self.runs.front_mut() {
            Some(run) if run.gap.is_none() && run.read == 0 => run.gap = Some(gap),
            _ => self.runs.push_front(Run {
                gap: Some(gap),
                ..Run::default()
            }),
        }
    }

    /// Takes all that was not read.
    pub(super) fn take(&mut self) -> Vec<Piece> {
        self.len = 0;
        std::mem::take(&mut self.runs)
            .into_iter()
            .flat_map(Run::into_pieces)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{PacketRef, Timestamp};

    fn at(number: u64) -> Stamp {
        Stamp {
            packet: PacketRef { file: 0, number },
            time: Timestamp(number),
        }
    }

    #[test]
    fn bytes_keep_their_packets_through_reading() {
        let mut input = Input::default();
        for (number, bytes) in [(1, "abc"), (2, "def"), (3, "ghi")] {
            input.push(at(number), bytes.as_bytes());
        }
        input.push_gap(at(4), 7);
        input.push_gap(at(5), 1);
        input.push(at(6), b"jkl");
        assert_eq!((input.run(), input.stamp()), (&b"abcdefghi"[..], at(1)));
        input.consume(5);
        assert_eq!(
            (input.run(), input.stamp(), input.len()),
            (&b"fghi"[..], at(2), 7)
        );
        assert_eq!(input.take_gap(), None);
        input.consume(1);
        assert_eq!(input.stamp(), at(3));
        input.consume(2);
        assert!(input.gap_follows());
        input.consume(1);
        assert_eq!(input.run(), b"");
        assert_eq!(input.take_gap(), Some((at(4), 8)));
        assert_eq!(input.run(), b"jkl");
        input.untake_gap((at(4), 8));
        let rest = [Piece::Gap(at(4), 8), Piece::Chunk(at(6), b"jkl".to_vec())];
        assert_eq!(input.take(), rest);
        assert!(input.is_empty());
    }

    #[test]
    fn read_bytes_do_not_pile_up() {
        let mut input = Input::default();
        for number in 0..10_000 {
            input.push(at(number), &[0; 100]);
            input.consume(99);
        }
        assert_eq!(input.len(), 10_000);
        let pieces = input.take();
        let Piece::Chunk(first, _) = &pieces[0] else {
            panic!("a chunk")
        };
        assert_eq!((pieces.len(), *first), (100, at(9_900)));
    }
}
