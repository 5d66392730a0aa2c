//! Segments that came early.
//!
//! Job: keep what lies beyond a hole, once each, until the hole is filled or given up.
//! Input: payloads beyond the next expected byte. Output: what has become next.
//! RFC 9293 §3.10.7.4.

use std::collections::VecDeque;

use super::budget::Budget;
use super::recent::difference;
use super::seq::Seq;
use crate::base::Stamp;

/// Bookkeeping cost of one held segment, so that empty payloads are bounded too.
pub(super) const OVERHEAD: usize = 64;

/// What a segment brings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Brought<'a> {
    pub(super) bytes: &'a [u8],
    /// Bytes after them that a snaplen cut off.
    pub(super) cut: u64,
    /// A single byte that was not pushed: it may be a keep-alive probe's. RFC 9293 §3.8.4.
    pub(super) doubtful: bool,
    /// Its checksum is wrong, and nothing has shown yet whether the sender's mean something.
    pub(super) unsure: bool,
}

impl Brought<'_> {
    pub(super) fn len(self) -> u64 {
        self.bytes.len() as u64 + self.cut
    }
}

/// Bytes that came before their turn.
#[derive(Debug, Clone)]
pub(super) struct Early {
    pub(super) seq: Seq,
    pub(super) bytes: Vec<u8>,
    pub(super) stamp: Stamp,
    doubtful: bool,
    unsure: bool,
}

impl Early {
    fn end(&self) -> Seq {
        self.seq.plus(self.bytes.len() as u64)
    }

    fn cost(&self) -> usize {
        self.bytes.len() + OVERHEAD
    }
}

/// Bytes that a snaplen cut off: sent, and in no capture file.
#[derive(Debug, Clone)]
struct Cut {
    seq: Seq,
    end: Seq,
    stamp: Stamp,
}

/// What has become next.
#[derive(Debug)]
pub(super) enum Ready {
    /// Bytes that begin at the next expected one or before it.
    Bytes(Early),
    /// Up to here everything was cut off.
    Cut(Seq, Stamp),
}

/// The early segments of one direction.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    /// Sorted, without overlaps.
    pieces: VecDeque<Early>,
    /// Sorted by beginning. A cut range gives way to pieces that lie in it: another copy of
    /// the same bytes may have been captured whole.
    cuts: VecDeque<Cut>,
    cost: usize,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.cuts.is_empty()
    }

    /// The one piece that is held, where it is one.
    pub(super) fn single(&self) -> Option<&Early> {
        self.pieces.front().filter(|_| self.pieces.len() == 1)
    }

    /// Bytes held, with the bookkeeping.
    pub(super) fn cost(&self) -> usize {
        self.cost
    }

    /// Where the first held range begins, and the packet that brought it.
    pub(super) fn first(&self) -> Option<(Seq, Stamp)> {
        let piece = self.pieces.front().map(|piece| (piece.seq, piece.stamp));
        let cut = self.cuts.front().map(|cut| (cut.seq, cut.stamp));
        match (piece, cut) {
            (Some(piece), Some(cut)) if cut.0.after(piece.0) < 0 => Some(cut),
            (Some(piece), _) => Some(piece),
            (None, cut) => cut,
        }
    }

    /// Drops a single byte at `at` that may be a probe's; whether there was one.
    pub(super) fn drop_doubtful(&mut self, at: Seq, budget: &mut Budget) -> bool {
        let first = self.pieces.front();
        let drops = first.is_some_and(|piece| piece.doubtful && piece.seq == at);
        if drops && let Some(piece) = self.pieces.pop_front() {
            self.refund(piece.cost(), budget);
        }
        drops
    }

    /// Takes out what came with a wrong checksum before one of the sender's was right.
    pub(super) fn take_unsure(&mut self, budget: &mut Budget) -> Vec<Early> {
        let pieces = std::mem::take(&mut self.pieces);
        let (unsure, sure): (Vec<_>, Vec<_>) = pieces.into_iter().partition(|piece| piece.unsure);
        self.pieces = sure.into();
        self.refund(unsure.iter().map(Early::cost).sum(), budget);
        unsure
    }

    /// Drops single bytes in `seq..end` that may be a probe's: another copy of them came.
    fn replace_doubtful(&mut self, seq: Seq, end: Seq, budget: &mut Budget) {
        let from = self
            .pieces
            .partition_point(|piece| piece.end().after(seq) <= 0);
        let to = self
            .pieces
            .partition_point(|piece| piece.seq.after(end) < 0);
        if !self
            .pieces
            .range(from..to.max(from))
            .any(|piece| piece.doubtful)
        {
            return;
        }
        let before = self.cost;
        let (mut at, mut cost) = (0, self.cost);
        self.pieces.retain(|piece| {
            let goes = piece.doubtful && (from..to).contains(&at);
            at += 1;
            cost -= if goes { piece.cost() } else { 0 };
            !goes
        });
        self.refund(before - cost, budget);
    }

    /// Holds what of `brought` nothing held covers yet: the first copy wins, but for a single byte
    /// that may be a probe's. `differ` is told where a second copy differs, and by how many bytes.
    pub(super) fn hold(
        &mut self,
        mut seq: Seq,
        brought: Brought<'_>,
        stamp: Stamp,
        budget: &mut Budget,
        differ: &mut impl FnMut(Seq, u64),
    ) {
        let Brought {
            mut bytes,
            cut,
            doubtful,
            unsure,
        } = brought;
        if doubtful {
            let holds = |piece: &Early| piece.seq.after(seq) <= 0 && piece.end().after(seq) > 0;
            if self.pieces.iter().any(holds) {
                return;
            }
        } else {
            self.replace_doubtful(seq, seq.plus(brought.len()), budget);
        }
        self.hold_cut(seq.plus(bytes.len() as u64), cut, stamp, budget);
        let mut at = self
            .pieces
            .partition_point(|piece| piece.end().after(seq) <= 0);
        while !bytes.is_empty() {
            let free = self.pieces.get(at).map_or(bytes.len(), |piece| {
                usize::try_from(piece.seq.after(seq))
                    .unwrap_or(0)
                    .min(bytes.len())
            });
            let (new, rest) = bytes.split_at(free);
            if !new.is_empty() {
                let piece = Early {
                    seq,
                    bytes: new.to_vec(),
                    stamp,
                    doubtful,
                    unsure,
                };
                self.charge(piece.cost(), budget);
                self.pieces.insert(at, piece);
                at += 1;
            }
            seq = seq.plus(free as u64);
            bytes = rest;
            let Some(piece) = self.pieces.get(at) else {
                continue;
            };
            // Here `piece` begins at `seq` or before it, unless nothing is left to compare.
            let into = usize::try_from(seq.after(piece.seq)).unwrap_or(0);
            let first = piece.bytes.get(into..).unwrap_or_default();
            let (again, rest) = bytes.split_at(first.len().min(bytes.len()));
            if let Some((offset, count)) = difference(first, again) {
                differ(seq.plus(offset), count);
            }
            seq = seq.plus(again.len() as u64);
            bytes = rest;
            at += 1;
        }
    }

    fn hold_cut(&mut self, seq: Seq, len: u64, stamp: Stamp, budget: &mut Budget) {
        let end = seq.plus(len);
        let at = self.cuts.partition_point(|cut| cut.seq.after(seq) <= 0);
        let covered = at
            .checked_sub(1)
            .and_then(|before| self.cuts.get(before))
            .is_some_and(|cut| cut.end.after(end) >= 0);
        if len > 0 && !covered {
            self.charge(OVERHEAD, budget);
            self.cuts.insert(at, Cut { seq, end, stamp });
        }
    }

    /// Takes out what begins at `next` or before it.
    pub(super) fn ready(&mut self, next: Seq, budget: &mut Budget) -> Option<Ready> {
        while self
            .cuts
            .front()
            .is_some_and(|cut| cut.end.after(next) <= 0)
        {
            self.cuts.pop_front();
            self.refund(OVERHEAD, budget);
        }
        let due = self
            .pieces
            .front()
            .is_some_and(|piece| piece.seq.after(next) <= 0);
        if due && let Some(piece) = self.pieces.pop_front() {
            self.refund(piece.cost(), budget);
            return Some(Ready::Bytes(piece));
        }
        let cut = self.cuts.front().filter(|cut| cut.seq.after(next) <= 0)?;
        let end = match self.pieces.front() {
            Some(piece) if piece.seq.after(cut.end) < 0 => piece.seq,
            _ => cut.end,
        };
        Some(Ready::Cut(end, cut.stamp))
    }

    /// Whether a limit is passed and something can be let go.
    pub(super) fn over_limit(&self, budget: &Budget) -> bool {
        !self.is_empty() && budget.exceeded(self.cost, self.pieces.len() + self.cuts.len())
    }

    /// Drops everything and gives the budget back.
    pub(super) fn release(&mut self, budget: &mut Budget) {
        self.refund(self.cost, budget);
        self.pieces = VecDeque::new();
        self.cuts = VecDeque::new();
    }

    fn charge(&mut self, cost: usize, budget: &mut Budget) {
        self.cost += cost;
        budget.take(cost);
    }

    fn refund(&mut self, cost: usize, budget: &mut Budget) {
        self.cost -= cost;
        budget.give_back(cost);
    }
}
