//! Copies whose checksum is wrong.
//!
//! Job: tell damaged copies from senders whose checksums the network card fills in after the
//! capture, and keep the damaged ones in case no other comes. Input: segments with what their
//! payload should add up to. Output: a [`Verdict`] on each segment; spare bytes for a hole.
//! RFC 9293 §3.1.

use super::recent::difference;
use super::seq::Seq;
use crate::base::Stamp;
use crate::net::Bare;

/// So many wrong checksums in a row, and the sender's are none that were meant.
const WRONG_MAX: u8 = 8;

/// With so many wrong ones at the beginning, the sender's are not looked at any more.
const TRIES: u8 = 4;

/// Bytes of damaged copies that one direction keeps.
const KEPT: usize = 64 << 10;

/// Damaged copies that one direction keeps.
const COPIES: usize = 64;

/// What a sender's checksums were like so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Trust {
    known: Known,
    /// Where the last segment stood whose checksum was wrong: what was captured twice counts once.
    last_wrong: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
enum Known {
    /// None was right, and so many were wrong.
    Untested(u8),
    /// They are right; the last so many were not.
    Judging(u8),
    /// They mean nothing: a network card fills them in later.
    Off,
}

impl Default for Known {
    fn default() -> Self {
        Self::Untested(0)
    }
}

/// What a segment's checksum says about its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing against it.
    Believed,
    /// It is wrong, and nothing has shown yet whether the sender's mean something.
    Unsure,
    /// It is wrong where the sender's others are right.
    Damaged,
}

impl Trust {
    /// Judges a segment by its checksum and by those before it.
    pub(super) fn judge(&mut self, segment: &Bare<'_>) -> Verdict {
        if matches!(self.known, Known::Off) {
            return Verdict::Believed;
        }
        let right = segment.payload_is_sound();
        match right.map(|right| self.note(right, segment.seq)) {
            Some(verdict) if segment.payload_len > 0 => verdict,
            _ => Verdict::Believed,
        }
    }

    /// Whether wrong checksums were seen, and nothing has shown yet whether they mean something.
    pub(super) fn is_unsure(self) -> bool {
        matches!(self.known, Known::Untested(1..))
    }

    /// Whether one checksum was seen, and it was wrong.
    pub(super) fn is_first_wrong(self) -> bool {
        matches!(self.known, Known::Untested(1))
    }

    /// Whether the sender's checksums are right as a rule.
    pub(super) fn is_judging(self) -> bool {
        matches!(self.known, Known::Judging(_))
    }

    fn note(&mut self, right: bool, seq: u32) -> Verdict {
        if right {
            *self = Self {
                known: Known::Judging(0),
                last_wrong: None,
            };
            return Verdict::Believed;
        }
        let more = u8::from(self.last_wrong.replace(seq) != Some(seq));
        let (known, verdict) = match self.known {
            Known::Untested(wrong) if wrong + more < TRIES => {
                (Known::Untested(wrong + more), Verdict::Unsure)
            }
            Known::Judging(wrong) if wrong + more < WRONG_MAX => {
                (Known::Judging(wrong + more), Verdict::Damaged)
            }
            _ => (Known::Off, Verdict::Believed),
        };
        self.known = known;
        verdict
    }
}

/// Damaged copies of bytes that did not come otherwise so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Spares {
    copies: Vec<Spare>,
    held: usize,
}

#[derive(Debug, Clone)]
struct Spare {
    seq: Seq,
    bytes: Vec<u8>,
    stamp: Stamp,
}

impl Spares {
    pub(super) fn is_empty(&self) -> bool {
        self.copies.is_empty()
    }

    /// Bytes of the copies.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Where the first copy begins.
    pub(super) fn first(&self) -> Option<Seq> {
        let begins = self.copies.iter().map(|spare| spare.seq);
        begins.reduce(|first, seq| if seq.after(first) < 0 { seq } else { first })
    }

    /// Where each copy ends, and the packet that brought it.
    pub(super) fn ends(&self) -> Vec<(Seq, Stamp)> {
        let end = |spare: &Spare| spare.seq.plus(spare.bytes.len() as u64);
        let ends = self.copies.iter().map(|spare| (end(spare), spare.stamp));
        ends.collect()
    }

    /// Keeps a copy, while there is room.
    pub(super) fn keep(&mut self, seq: Seq, bytes: &[u8], stamp: Stamp) {
        if self.copies.len() < COPIES && self.held + bytes.len() <= KEPT {
            self.held += bytes.len();
            let bytes = bytes.to_vec();
            self.copies.push(Spare { seq, bytes, stamp });
        }
    }

    /// The first bytes of a copy that lie in `next..end`, with where they begin.
    pub(super) fn fill(&self, next: Seq, end: Seq) -> Option<(Seq, Vec<u8>, Stamp)> {
        let inside = self.copies.iter().filter_map(|spare| {
            let skip = usize::try_from(next.after(spare.seq)).unwrap_or(0);
            let from = spare.seq.plus(skip as u64);
            let room = usize::try_from(end.after(from)).unwrap_or(0);
            let rest = spare.bytes.get(skip..)?;
            let bytes = rest.get(..room).unwrap_or(rest);
            (!bytes.is_empty()).then_some((from, bytes, spare.stamp))
        });
        inside
            .min_by_key(|(from, ..)| from.after(next))
            .map(|(from, bytes, stamp)| (from, bytes.to_vec(), stamp))
    }

    /// Drops what `bytes` at `seq` make needless; `differ` is told where a copy differs from them.
    pub(super) fn settle(&mut self, seq: Seq, bytes: &[u8], differ: &mut impl FnMut(Seq, u64)) {
        let end = seq.plus(bytes.len() as u64);
        self.copies.retain(|spare| {
            let skip = usize::try_from(seq.after(spare.seq)).unwrap_or(0);
            let ahead = usize::try_from(spare.seq.after(seq)).unwrap_or(0);
            let pair = (bytes.get(ahead..), spare.bytes.get(skip..));
            if let (Some(taken), Some(spare)) = pair
                && let Some((offset, count)) = difference(taken, spare)
            {
                differ(seq.plus(ahead as u64 + offset), count);
            }
            spare.seq.plus(spare.bytes.len() as u64).after(end) > 0
        });
        self.held = self.copies.iter().map(|spare| spare.bytes.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Believed, Damaged, Unsure};
    use super::*;

    fn run(rights: &[bool]) -> Vec<Verdict> {
        let mut trust = Trust::default();
        let numbered = rights.iter().zip(0..);
        numbered
            .map(|(&right, seq)| trust.note(right, seq))
            .collect()
    }

    #[test]
    fn what_was_captured_several_times_is_wrong_once() {
        let mut trust = Trust::default();
        let mut note = |right, seq| trust.note(right, seq);
        assert!((0..20).all(|_| note(false, 7) == Unsure));
        assert_eq!(note(true, 7), Believed);
        assert!((0..20).all(|_| note(false, 8) == Damaged));
    }

    #[test]
    fn a_wrong_one_among_right_ones_is_doubted() {
        assert_eq!(run(&[true, false, true]), [Believed, Damaged, Believed]);
        assert_eq!(run(&[false, true, false]), [Unsure, Believed, Damaged]);
    }

    #[test]
    fn a_sender_that_is_never_right_is_believed() {
        let (unsure, believed) = (usize::from(TRIES) - 1, 20 - usize::from(TRIES) + 1);
        let expected = [vec![Unsure; unsure], vec![Believed; believed]].concat();
        assert_eq!(run(&[false; 20]), expected);
        let mut later = vec![true];
        later.extend([false; 20]);
        let verdicts = run(&later);
        let damaged = verdicts.iter().filter(|verdict| **verdict == Damaged);
        assert_eq!(damaged.count(), usize::from(WRONG_MAX) - 1);
    }

    #[test]
    fn copies_fill_what_they_cover() {
        let mut spares = Spares::default();
        spares.keep(Seq(10), b"abcdef", Stamp::default());
        let (at, bytes, _) = spares.fill(Seq(8), Seq(13)).unwrap();
        assert_eq!((at, &bytes[..]), (Seq(10), &b"abc"[..]));
        let (at, bytes, _) = spares.fill(Seq(13), Seq(20)).unwrap();
        assert_eq!((at, &bytes[..]), (Seq(13), &b"def"[..]));
        assert!(spares.fill(Seq(16), Seq(20)).is_none());
        let mut told = Vec::new();
        spares.settle(Seq(9), b"zabX", &mut |seq, count| told.push((seq, count)));
        assert_eq!(told, [(Seq(12), 1)]);
        assert!(!spares.is_empty());
        spares.settle(Seq(13), b"def", &mut |_, _| panic!("no difference"));
        assert!(spares.is_empty());
    }
}
