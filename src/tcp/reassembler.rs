//! One direction of a TCP connection, put in order.
//!
//! Job: deliver each byte once, in sequence, and name the bytes that the capture lacks.
//! Input: payloads with sequence numbers, the other side's acknowledgements.
//! Output: [`Delivery`]s. RFC 9293 §3.4, §3.8, §3.10.7.4.
//!
//! In-order payloads are delivered where they lie; only early ones are copied and held,
//! within [`Limits`]. A hole becomes a Gap when the receiver has acknowledged what is held
//! behind it, when a limit is reached, or at the end: not earlier, not never.

use std::collections::VecDeque;

use super::seq::Seq;
use crate::base::{Limits, Stamp};

/// What comes out of a direction, in the order of its sequence numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery<'a> {
    /// Bytes as the peer sent them.
    Chunk(&'a [u8]),
    /// This many bytes were sent and are not in the capture.
    Gap(u64),
    /// A second copy of bytes differed from the first, which was used; `at` counts from the
    /// beginning of the direction.
    Conflict {
        /// Stream offset of the first byte that differs.
        at: u64,
        /// How many bytes differ.
        bytes: u64,
    },
}

/// Bytes held by all reassemblers that share it.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    held: usize,
}

impl Budget {
    /// A budget of `limits.reorder_total_bytes`.
    pub fn new(limits: Limits) -> Self {
        Self { limits, held: 0 }
    }
}

/// Bookkeeping cost of one held segment, so that empty payloads are bounded too.
const HELD_OVERHEAD: usize = 64;

/// Delivered bytes that stay for comparison with a second copy.
const RECENT: usize = 2048;

/// A segment further ahead than any receive window reaches is a stray. RFC 7323 §2.3.
const WINDOW_MAX: i64 = 1 << 30;

#[derive(Debug)]
struct Held {
    seq: Seq,
    bytes: Vec<u8>,
    /// Bytes that followed on the wire and were cut by the snaplen.
    cut: u64,
    stamp: Stamp,
}

impl Held {
    fn end(&self) -> Seq {
        self.seq.plus(self.bytes.len() as u64 + self.cut)
    }

    fn cost(&self) -> usize {
        self.bytes.len() + HELD_OVERHEAD
    }
}

/// One direction's state.
#[derive(Debug, Default)]
pub struct Reassembler {
    next: Option<Seq>,
    /// The SYN was seen, so byte 0 is the direction's first.
    from_syn: bool,
    delivered: u64,
    acked: Option<Seq>,
    fin: Option<Seq>,
    /// Sorted, without overlaps, all beyond `next`.
    held: VecDeque<Held>,
    held_bytes: usize,
    recent: Vec<u8>,
}

impl Reassembler {
    /// Whether the direction's beginning was captured.
    pub fn from_syn(&self) -> bool {
        self.from_syn
    }

    /// Bytes delivered so far, gaps included.
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Whether everything up to the peer's FIN has been delivered.
    pub fn finished(&self) -> bool {
        matches!((self.fin, self.next), (Some(fin), Some(next)) if next.after(fin) >= 0)
    }

    /// Whether the peer has sent a FIN.
    pub fn fin_seen(&self) -> bool {
        self.fin.is_some()
    }

    /// Notes the SYN: data starts one behind its sequence number. RFC 9293 §3.4.
    pub fn syn(&mut self, seq: Seq) {
        if self.delivered == 0 && self.held.is_empty() {
            self.next = Some(seq.plus(1));
            self.from_syn = true;
        }
    }

    /// Takes a payload of `wire_len` bytes of which `bytes` were captured.
    pub fn segment(
        &mut self,
        seq: Seq,
        bytes: &[u8],
        wire_len: u64,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let next = self.expected(seq);
        let cut = wire_len.saturating_sub(bytes.len() as u64);
        let ahead = seq.after(next);
        if ahead == 0 && self.held.is_empty() {
            self.deliver(bytes, cut, stamp, out);
            return;
        }
        if wire_len == 0 || ahead > WINDOW_MAX {
            return;
        }
        if ahead <= 0 {
            self.overlapping((ahead.unsigned_abs(), bytes, cut), stamp, budget, out);
        } else {
            self.hold(seq, bytes, cut, stamp, budget, out);
        }
        self.drain(budget, out);
        self.close_holes(stamp, budget, out);
        self.keep_limits(budget, out);
    }

    /// Notes the FIN that stands at `seq` (behind any payload of its segment).
    pub fn fin(&mut self, seq: Seq) {
        if self.fin.is_none() && self.plausible(seq) {
            self.fin = Some(seq);
        }
    }

    /// Whether `seq` can belong to this direction: within the largest window of where it stands.
    pub fn plausible(&self, seq: Seq) -> bool {
        self.next
            .is_none_or(|next| seq.after(next).abs() <= WINDOW_MAX)
    }

    /// Notes that the receiver has everything before `ack`.
    pub fn acknowledged(
        &mut self,
        ack: Seq,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let newer = self.acked.is_none_or(|acked| ack.after(acked) > 0);
        // RFC 9293 §3.10.7.4: an acknowledgement of what was never sent is none.
        if !newer || self.next.is_some_and(|next| ack.after(next) > WINDOW_MAX) {
            return;
        }
        self.acked = Some(ack);
        if !self.held.is_empty() || self.fin.is_some() {
            self.close_holes(stamp, budget, out);
        }
    }

    /// The capture or the connection ends: everything held comes out, holes as gaps.
    pub fn finish(
        &mut self,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        while let Some(first) = self.held.front() {
            let (seq, stamp) = (first.seq, first.stamp);
            self.gap_to(seq, stamp, out);
            self.drain(budget, out);
        }
        // Acknowledged, so it was sent, and nothing behind it was captured.
        if let (Some(next), Some(acked)) = (self.next, self.acked) {
            let end = match self.fin {
                Some(fin) if fin.after(acked) <= 0 => fin,
                _ if self.from_syn || self.delivered > 0 => acked,
                _ => next,
            };
            self.gap_to(end, stamp, out);
        }
    }

    /// Gives held bytes back to the budget when the connection is dropped.
    pub fn release(&mut self, budget: &mut Budget) {
        budget.held = budget.held.saturating_sub(self.held_bytes);
        self.held_bytes = 0;
        self.held.clear();
    }

    /// The next expected sequence number; the first segment sets it where no SYN did.
    fn expected(&mut self, seq: Seq) -> Seq {
        match self.next {
            // RFC 9293 §3.8.4: the number before came from a keep-alive probe.
            Some(next)
                if !self.from_syn
                    && self.delivered == 0
                    && self.held.is_empty()
                    && seq.after(next) == 1 =>
            {
                self.next = Some(seq);
                seq
            }
            Some(next) => next,
            None => *self.next.insert(seq),
        }
    }

    fn deliver(
        &mut self,
        bytes: &[u8],
        cut: u64,
        stamp: Stamp,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let Some(next) = self.next else { return };
        if !bytes.is_empty() {
            self.remember(bytes);
            self.delivered += bytes.len() as u64;
            out(Delivery::Chunk(bytes), stamp);
        }
        let next = next.plus(bytes.len() as u64);
        self.next = Some(next);
        self.gap_to(next.plus(cut), stamp, out);
    }

    fn gap_to(&mut self, end: Seq, stamp: Stamp, out: &mut impl FnMut(Delivery<'_>, Stamp)) {
        let Some(next) = self.next else { return };
        if let Ok(len @ 1..) = u64::try_from(end.after(next)) {
            self.recent.clear();
            self.delivered += len;
            self.next = Some(end);
            out(Delivery::Gap(len), stamp);
        }
    }

    /// A payload of `bytes` and `cut` missing ones that begins `old` bytes before the next
    /// expected one.
    fn overlapping(
        &mut self,
        (old, bytes, cut): (u64, &[u8], u64),
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let skip = usize::try_from(old).unwrap_or(usize::MAX).min(bytes.len());
        let (again, new) = bytes.split_at(skip);
        // RFC 9293 §3.8.4: a keep-alive probe repeats the last sequence number, and the byte
        // it may carry there is garbage.
        let probe = old == 1 && bytes.len() <= 1;
        if old > 0 && !probe {
            self.compare(old, again, stamp, out);
        }
        let cut = if new.is_empty() {
            cut.saturating_sub(old - skip as u64)
        } else {
            cut
        };
        // The new part may run into held bytes, which came first.
        let room = self.held.front().and_then(|held| {
            self.next
                .and_then(|next| u64::try_from(held.seq.after(next)).ok())
        });
        let room = room.unwrap_or(u64::MAX);
        let fits = usize::try_from(room).unwrap_or(usize::MAX).min(new.len());
        let (first, rest) = new.split_at(fits);
        let cut_first = cut.min(room - fits as u64);
        let beyond = self.next.map(|next| next.plus(room));
        self.deliver(first, cut_first, stamp, out);
        if let (false, Some(seq)) = (rest.is_empty(), beyond) {
            self.check_held(seq, rest, stamp, out);
            self.queue_uncovered(seq, rest, stamp, budget);
        }
    }

    /// Compares a second copy with what was delivered: RFC 9293 §3.10.7.4 has the receiver
    /// keep what it took first.
    fn compare(
        &self,
        back: u64,
        again: &[u8],
        stamp: Stamp,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let back = usize::try_from(back).unwrap_or(usize::MAX);
        // `recent` ends at `next`; the copy begins `back` before that.
        let (first, second) = match self.recent.len().checked_sub(back) {
            Some(from) => (self.recent.get(from..).unwrap_or_default(), again),
            None => (
                self.recent.as_slice(),
                again.get(back - self.recent.len()..).unwrap_or_default(),
            ),
        };
        let start = self.delivered - (first.len() as u64).min(self.delivered);
        conflict(start, first, second, stamp, out);
    }

    fn check_held(
        &self,
        seq: Seq,
        bytes: &[u8],
        stamp: Stamp,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let Some(next) = self.next else { return };
        for held in &self.held {
            let (mine, theirs) = if let Ok(skip) = usize::try_from(held.seq.after(seq)) {
                (held.bytes.as_slice(), bytes.get(skip..).unwrap_or_default())
            } else {
                let skip = usize::try_from(seq.after(held.seq)).unwrap_or(usize::MAX);
                (held.bytes.get(skip..).unwrap_or_default(), bytes)
            };
            let from = if held.seq.after(seq) > 0 {
                held.seq
            } else {
                seq
            };
            let offset = self.delivered + u64::try_from(from.after(next)).unwrap_or(0);
            conflict(offset, mine, theirs, stamp, out);
        }
    }

    fn hold(
        &mut self,
        seq: Seq,
        bytes: &[u8],
        cut: u64,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        self.check_held(seq, bytes, stamp, out);
        if cut == 0 {
            self.queue_uncovered(seq, bytes, stamp, budget);
        } else if self
            .held
            .iter()
            .all(|h| h.end().after(seq) <= 0 || h.seq.after(seq) > 0)
        {
            self.insert(
                Held {
                    seq,
                    bytes: bytes.to_vec(),
                    cut,
                    stamp,
                },
                budget,
            );
            self.trim_cut(seq, budget);
        }
    }

    /// Holds the parts of `bytes` that nothing held covers yet: the first copy wins.
    fn queue_uncovered(
        &mut self,
        mut seq: Seq,
        mut bytes: &[u8],
        stamp: Stamp,
        budget: &mut Budget,
    ) {
        let mut at = 0;
        while !bytes.is_empty() {
            let Some(held) = self.held.get(at) else {
                self.insert(
                    Held {
                        seq,
                        bytes: bytes.to_vec(),
                        cut: 0,
                        stamp,
                    },
                    budget,
                );
                return;
            };
            let free = usize::try_from(held.seq.after(seq))
                .unwrap_or(0)
                .min(bytes.len());
            let end = held.end();
            if free > 0 {
                let (new, _) = bytes.split_at(free);
                self.insert(
                    Held {
                        seq,
                        bytes: new.to_vec(),
                        cut: 0,
                        stamp,
                    },
                    budget,
                );
                at += 1;
            }
            let covered = usize::try_from(end.after(seq))
                .unwrap_or(0)
                .max(free)
                .min(bytes.len());
            bytes = bytes.get(covered..).unwrap_or_default();
            seq = seq.plus(covered as u64);
            at += 1;
        }
    }

    fn insert(&mut self, held: Held, budget: &mut Budget) {
        self.held_bytes += held.cost();
        budget.held += held.cost();
        let at = self
            .held
            .partition_point(|other| other.seq.after(held.seq) <= 0);
        self.held.insert(at, held);
    }

    /// Shortens the cut tail of the segment at `seq` where the following one begins inside it.
    fn trim_cut(&mut self, seq: Seq, budget: &mut Budget) {
        let at = self.held.partition_point(|other| other.seq.after(seq) < 0);
        let follower = self.held.get(at + 1).map(|next| next.seq);
        let (Some(held), Some(follower)) = (self.held.get_mut(at), follower) else {
            return;
        };
        let room = u64::try_from(follower.after(held.seq)).unwrap_or(0);
        let len = held.bytes.len();
        let fits = usize::try_from(room).unwrap_or(usize::MAX).min(len);
        held.bytes.truncate(fits);
        held.cut = held.cut.min(room - fits as u64);
        self.held_bytes -= len - fits;
        budget.held = budget.held.saturating_sub(len - fits);
    }

    /// Delivers held segments that have become next.
    fn drain(&mut self, budget: &mut Budget, out: &mut impl FnMut(Delivery<'_>, Stamp)) {
        while let (Some(first), Some(next)) = (self.held.front(), self.next) {
            let ahead = first.seq.after(next);
            if ahead > 0 {
                return;
            }
            let Some(first) = self.held.pop_front() else {
                return;
            };
            self.held_bytes -= first.cost();
            budget.held = budget.held.saturating_sub(first.cost());
            let skip = usize::try_from(-ahead)
                .unwrap_or(usize::MAX)
                .min(first.bytes.len());
            let fresh = first.bytes.get(skip..).unwrap_or_default();
            self.deliver(fresh, first.cut, first.stamp, out);
        }
    }

    /// Turns holes into gaps where the receiver has what lies behind them.
    fn close_holes(
        &mut self,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        while let (Some(first), Some(acked)) = (self.held.front(), self.acked) {
            if acked.after(first.seq) < 0 {
                return;
            }
            let (seq, stamp) = (first.seq, first.stamp);
            self.gap_to(seq, stamp, out);
            self.drain(budget, out);
        }
        // The receiver has the FIN, and so all before it.
        if let (Some(fin), Some(acked)) = (self.fin, self.acked)
            && self.held.is_empty()
            && acked.after(fin) > 0
        {
            self.gap_to(fin, stamp, out);
        }
    }

    fn keep_limits(&mut self, budget: &mut Budget, out: &mut impl FnMut(Delivery<'_>, Stamp)) {
        let limits = budget.limits;
        while self.held_bytes > limits.reorder_bytes
            || self.held.len() > limits.reorder_segments
            || budget.held > limits.reorder_total_bytes
        {
            let Some(first) = self.held.front() else {
                return;
            };
            let (seq, stamp) = (first.seq, first.stamp);
            self.gap_to(seq, stamp, out);
            self.drain(budget, out);
        }
    }

    fn remember(&mut self, bytes: &[u8]) {
        let keep = bytes.len().min(RECENT);
        let tail = bytes.get(bytes.len() - keep..).unwrap_or_default();
        if self.recent.len() + keep > 2 * RECENT {
            let stale = self.recent.len() - RECENT.min(self.recent.len());
            self.recent.drain(..stale);
        }
        if keep < bytes.len() {
            self.recent.clear();
        }
        self.recent.extend_from_slice(tail);
    }
}

fn conflict(
    start: u64,
    first: &[u8],
    second: &[u8],
    stamp: Stamp,
    out: &mut impl FnMut(Delivery<'_>, Stamp),
) {
    let mut differing = (0u64..)
        .zip(first.iter().zip(second))
        .filter(|(_, (a, b))| a != b);
    if let Some((at, _)) = differing.next() {
        let bytes = 1 + differing.count() as u64;
        out(
            Delivery::Conflict {
                at: start + at,
                bytes,
            },
            stamp,
        );
    }
}

#[cfg(test)]
mod tests;
