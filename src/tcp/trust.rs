//! Copies whose checksum is wrong.
//!
//! Job: tell damaged copies from senders whose checksums the network card fills in after the
//! capture, and keep the damaged ones in case no other comes. Input: segments with what their
//! payload should add up to. Output: whether a segment can be believed; spare bytes for a hole.
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
#[derive(Debug, Clone, Copy)]
pub(super) enum Trust {
    /// None was right, and so many were wrong.
    Untested(u8),
    /// They are right; the last so many were not.
    Judging(u8),
    /// They mean nothing: a network card fills them in later.
    Off,
}

impl Default for Trust {
    fn default() -> Self {
        Self::Untested(0)
    }
}

impl Trust {
    /// Whether the segment is a damaged copy.
    pub(super) fn doubts(&mut self, segment: &Bare<'_>) -> bool {
        if matches!(self, Self::Off) {
            return false;
        }
        match segment.payload_is_sound() {
            Some(right) => self.note(right) && segment.payload_len > 0,
            None => false,
        }
    }

    fn note(&mut self, right: bool) -> bool {
        let (next, doubtful) = match *self {
            Self::Off => (Self::Off, false),
            _ if right => (Self::Judging(0), false),
            Self::Untested(wrong) if wrong + 1 < TRIES => (Self::Untested(wrong + 1), false),
            Self::Judging(wrong) if wrong + 1 < WRONG_MAX => (Self::Judging(wrong + 1), true),
            Self::Untested(_) | Self::Judging(_) => (Self::Off, false),
        };
        *self = next;
        doubtful
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
    use super::*;

    fn run(rights: &[bool]) -> Vec<bool> {
        let mut trust = Trust::default();
        rights.iter().map(|&right| trust.note(right)).collect()
    }

    #[test]
    fn a_wrong_one_among_right_ones_is_doubted() {
        assert_eq!(run(&[true, false, true]), [false, true, false]);
        assert_eq!(run(&[false, true, false]), [false, false, true]);
    }

    #[test]
    fn a_sender_that_is_never_right_is_believed() {
        assert_eq!(run(&[false; 20]), [false; 20]);
        let mut later = vec![true];
        later.extend([false; 20]);
        let doubted = run(&later).into_iter().filter(|doubt| *doubt).count();
        assert_eq!(doubted, usize::from(WRONG_MAX) - 1);
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
