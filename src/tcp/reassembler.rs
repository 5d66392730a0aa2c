//! One direction of a TCP connection, put in order.
//!
//! Job: deliver each byte once, in sequence, and name the bytes that the capture lacks.
//! Input: payloads with sequence numbers, the other side's acknowledgements.
//! Output: [`Delivery`]s. RFC 9293 §3.4, §3.8, §3.10.7.4.
//!
//! In-order payloads are delivered where they lie; only early ones are copied and held,
//! within [`Limits`](crate::base::Limits). A hole becomes a Gap when the receiver has
//! acknowledged it, the sender has shown something beyond it and late segments have had their
//! time (see [`super::patience`]), when a limit is reached, or at the end: not earlier, not
//! never.

use super::budget::Budget;
use super::patience::Patience;
use super::queue::{Queue, Ready};
use super::recent::Recent;
use super::seq::Seq;
use crate::base::Stamp;
use crate::stream::{Delivery, Missing};

/// A segment further ahead than any receive window reaches is a stray. RFC 7323 §2.3.
const WINDOW_MAX: i64 = 1 << 30;

/// A FIN, RST or bare acknowledgement further from the known bytes than this is a stray: it
/// brings no byte that could vouch for it, and receive windows in use are smaller.
const REACH: i64 = 16 << 20;

/// One direction's state.
#[derive(Debug, Clone, Default)]
pub struct Reassembler {
    next: Option<Seq>,
    /// The beginning is known, so byte 0 is the direction's first.
    from_syn: bool,
    delivered: u64,
    acked: Option<Seq>,
    /// Bytes acknowledged while no segment of the direction was captured.
    unseen: u64,
    fin: Option<Seq>,
    /// The furthest place beyond `next` that the sender has shown by a segment without bytes.
    shown: Option<(Seq, Stamp)>,
    held: Queue,
    patience: Patience,
    recent: Recent,
}

impl Reassembler {
    /// Whether the direction's beginning was captured.
    pub fn from_syn(&self) -> bool {
        self.from_syn
    }

    /// What the early segments cost that it holds.
    pub(super) fn held(&self) -> usize {
        self.held.cost()
    }

    /// Second copies are no longer compared with what was delivered.
    pub(super) fn do_not_compare(&mut self) {
        self.recent.switch_off();
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
    pub(super) fn syn(&mut self, seq: Seq) {
        let start = seq.plus(1);
        match self.next {
            Some(next) if self.delivered > 0 || !self.held.is_empty() => {
                // A late SYN says whether the bytes before it were the first.
                self.from_syn |= u64::try_from(next.after(start)) == Ok(self.delivered);
            }
            Some(next) if next != start => {
                // Another SYN before any data, with another number: it is the one that counts.
                let mut recent = std::mem::take(&mut self.recent);
                recent.clear();
                *self = Self {
                    recent,
                    ..Self::default()
                };
                self.begin(start);
            }
            _ => self.begin(start),
        }
    }

    /// Notes the number that a SYN-ACK acknowledged: the beginning, where the SYN is missing.
    pub(super) fn answered(&mut self, ack: Seq) {
        if self.next.is_none() {
            self.begin(ack);
        }
    }

    fn begin(&mut self, start: Seq) {
        self.next = Some(start);
        self.from_syn = true;
        self.unseen = 0;
    }

    /// Takes a payload of `wire_len` bytes of which `bytes` were captured.
    pub(super) fn segment(
        &mut self,
        seq: Seq,
        bytes: &[u8],
        wire_len: u32,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let wire_len = u64::from(wire_len);
        let bytes = match usize::try_from(wire_len) {
            Ok(len) => bytes.get(..len).unwrap_or(bytes),
            Err(_) => bytes,
        };
        let cut = wire_len - bytes.len() as u64;
        let next = self.expected(seq, wire_len);
        let at_next = seq == next && self.held.is_empty() && self.shown.is_none();
        if at_next && self.fin.is_none() {
            self.deliver(bytes, cut, stamp, out);
        } else {
            self.out_of_line(next, seq, (bytes, cut), stamp, budget, out);
        }
    }

    /// Notes the FIN that stands at `seq`, before its segment is taken.
    pub(super) fn fin(&mut self, seq: Seq) {
        let ahead = self.next.map_or(0, |next| seq.after(next));
        if self.fin.is_none() && ahead >= 0 && self.within_reach(seq) {
            self.fin = Some(seq);
        }
    }

    /// Whether a segment at `seq` can belong to this direction at all.
    pub(super) fn plausible(&self, seq: Seq) -> bool {
        self.next
            .is_none_or(|next| seq.after(next).abs() <= WINDOW_MAX)
    }

    /// Whether a reset at `seq` counts. RFC 9293 §3.10.7.4: the receiver takes only the one
    /// at its next expected byte, which lies between what it has acknowledged and what was
    /// sent; what was sent may be missing from the capture.
    pub(super) fn resets(&self, seq: Seq) -> bool {
        let behind = match (self.acked, self.next) {
            (Some(acked), _) => seq.after(acked),
            (None, Some(next)) => seq.after(next) + REACH,
            (None, None) => 0,
        };
        behind >= 0 && self.within_reach(seq)
    }

    /// Whether `seq` lies less than a window beyond what is known to be sent.
    fn within_reach(&self, seq: Seq) -> bool {
        let shown = self.shown.map(|(shown, _)| shown);
        let mut known = [self.next, self.acked, shown].into_iter().flatten();
        self.next.is_none() && self.acked.is_none() || known.any(|at| seq.after(at) <= REACH)
    }

    /// Notes that the receiver has everything before `ack`.
    pub(super) fn acknowledged(&mut self, ack: Seq) {
        // RFC 9293 §3.10.7.4: an acknowledgement of what was never sent is none.
        if !self.plausible(ack) {
            return;
        }
        match self.acked {
            Some(acked) if ack.after(acked) <= 0 => return,
            Some(acked) if self.next.is_none() => {
                self.unseen += u64::try_from(ack.after(acked)).unwrap_or(0);
            }
            _ => {}
        }
        self.acked = Some(ack);
    }

    /// A segment of the connection, of either peer, was taken: waiting holes grow older.
    pub(super) fn tick(
        &mut self,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        if self.held.is_empty() && self.shown.is_none() {
            return;
        }
        self.patience.tick(self.acked, stamp);
        self.close_holes(budget, out);
        if self.held.is_empty() && self.shown.is_none() {
            self.patience = Patience::default();
        }
    }

    /// The capture or the connection ends: everything held comes out, holes as gaps.
    pub(super) fn finish(
        &mut self,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        while let Some((seq, stamp)) = self.beyond() {
            self.gap_to(seq, stamp, out);
            self.drain(budget, out);
        }
        // Acknowledged, so it was sent, and nothing behind it was captured. A single number
        // beyond the last byte is a FIN that the capture lacks, not a byte.
        let lacking = match (self.next, self.acked) {
            (Some(next), Some(acked)) => u64::try_from(acked.after(next)).unwrap_or(0),
            _ => std::mem::take(&mut self.unseen),
        };
        if lacking > 1 && self.fin.is_none() {
            self.skip(lacking, stamp, out);
        }
        self.held.release(budget);
    }

    /// The next expected sequence number; the first segment sets it where no SYN did.
    fn expected(&mut self, seq: Seq, len: u64) -> Seq {
        match self.next {
            Some(next) if self.from_syn || self.delivered > 0 => next,
            // RFC 9293 §3.8.4: the number before came from a keep-alive probe.
            Some(next) if self.held.is_empty() && seq.after(next) == 1 => *self.next.insert(seq),
            Some(next) => next,
            // The same, with a byte of garbage: it was acknowledged before it came.
            None if len == 1 && self.acked.is_some_and(|acked| acked.after(seq) > 0) => {
                *self.next.insert(seq.plus(1))
            }
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
        if !bytes.is_empty() {
            self.recent.push(bytes);
            self.advance(bytes.len() as u64);
            out(Delivery::write(bytes), stamp);
        }
        if cut > 0 {
            self.skip(cut, stamp, out);
        }
    }

    fn gap_to(&mut self, end: Seq, stamp: Stamp, out: &mut impl FnMut(Delivery<'_>, Stamp)) {
        if let Some(next) = self.next
            && let Ok(len @ 1..) = u64::try_from(end.after(next))
        {
            self.skip(len, stamp, out);
        }
    }

    fn skip(&mut self, len: u64, stamp: Stamp, out: &mut impl FnMut(Delivery<'_>, Stamp)) {
        self.recent.clear();
        self.advance(len);
        out(Delivery::Gap(Missing::Bytes(len)), stamp);
    }

    fn advance(&mut self, len: u64) {
        self.delivered += len;
        let Some(next) = self.next.as_mut() else {
            return;
        };
        *next = next.plus(len);
        // Before half the circle has gone by and it would seem to lie ahead.
        if self
            .acked
            .is_some_and(|acked| next.after(acked) > WINDOW_MAX)
        {
            self.acked = None;
        }
    }

    /// A segment that is early, old, both in parts, or behind a FIN.
    fn out_of_line(
        &mut self,
        next: Seq,
        seq: Seq,
        (bytes, cut): (&[u8], u64),
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let (ahead, len) = (seq.after(next), bytes.len() as u64 + cut);
        if ahead > WINDOW_MAX || !self.before_fin(next, seq, len) {
            return;
        }
        // RFC 9293 §3.8.4: a keep-alive probe repeats the last sequence number, and the byte
        // it may carry there is garbage.
        let probe = len <= 1 && self.acked == Some(seq.plus(1)) && self.fin != Some(seq);
        if len == 0 || probe && ahead > 0 {
            if ahead > 0 && self.within_reach(seq) {
                self.show(seq.plus(u64::from(probe)), stamp);
            }
        } else if ahead > 0 {
            self.hold(next, seq, (bytes, cut), stamp, budget, out);
        } else {
            let old = ahead.unsigned_abs();
            let (again, new) =
                bytes.split_at(bytes.len().min(old.try_into().unwrap_or(usize::MAX)));
            if !(old == 1 && len == 1)
                && let Some((back, bytes)) = self.recent.compare(old, again)
            {
                let at = Some(self.delivered - back);
                out(Delivery::Conflict { at, bytes }, stamp);
            }
            let cut = cut.saturating_sub(old - again.len() as u64);
            if self.held.is_empty() {
                self.deliver(new, cut, stamp, out);
            } else {
                self.hold(next, next, (new, cut), stamp, budget, out);
            }
        }
        self.drain(budget, out);
        while self.held.over_limit(budget)
            && let Some((seq, stamp)) = self.held.first()
        {
            self.gap_to(seq, stamp, out);
            self.drain(budget, out);
        }
    }

    /// RFC 9293 §3.10.7.4: what comes behind a FIN is ignored. Until all before it is there,
    /// data that runs past it shows that it was none of this connection's.
    fn before_fin(&mut self, next: Seq, seq: Seq, len: u64) -> bool {
        let Some(fin) = self.fin else { return true };
        if seq.plus(len).after(fin) <= 0 {
            return true;
        }
        let reached = next.after(fin) >= 0;
        let probe = len <= 1 && seq.after(fin) <= 0;
        // A bare acknowledgement stands behind the FIN, and all before it was sent.
        if !reached && !probe && len > 0 {
            self.fin = None;
            self.shown = None;
        }
        self.fin.is_none()
    }

    fn hold(
        &mut self,
        next: Seq,
        seq: Seq,
        (bytes, cut): (&[u8], u64),
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let delivered = self.delivered;
        let mut differ = |seq: Seq, bytes| {
            let at = Some(delivered + u64::try_from(seq.after(next)).unwrap_or(0));
            out(Delivery::Conflict { at, bytes }, stamp);
        };
        self.held.hold(seq, bytes, cut, stamp, budget, &mut differ);
    }

    /// Notes that the sender has got as far as `seq`.
    fn show(&mut self, seq: Seq, stamp: Stamp) {
        let further = self.shown.is_none_or(|(shown, _)| seq.after(shown) > 0);
        if further && self.next.is_some_and(|next| seq.after(next) > 0) {
            self.shown = Some((seq, stamp));
        }
    }

    /// The nearest place beyond a hole that the sender is known to have reached.
    fn beyond(&mut self) -> Option<(Seq, Stamp)> {
        let next = self.next?;
        self.shown = self.shown.filter(|(seq, _)| seq.after(next) > 0);
        match (self.held.first(), self.shown) {
            (Some(held), Some(shown)) if shown.0.after(held.0) < 0 => Some(shown),
            (Some(held), _) => Some(held),
            (None, shown) => shown,
        }
    }

    /// Delivers held segments that have become next.
    fn drain(&mut self, budget: &mut Budget, out: &mut impl FnMut(Delivery<'_>, Stamp)) {
        while let Some(next) = self.next
            && let Some(ready) = self.held.ready(next, budget)
        {
            match ready {
                Ready::Bytes(piece) => {
                    let old = usize::try_from(next.after(piece.seq)).unwrap_or(0);
                    let new = piece.bytes.get(old..).unwrap_or_default();
                    self.deliver(new, 0, piece.stamp, out);
                }
                Ready::Cut(end, stamp) => self.gap_to(end, stamp, out),
            }
        }
    }

    /// Turns holes into gaps where the receiver has what they lack.
    fn close_holes(&mut self, budget: &mut Budget, out: &mut impl FnMut(Delivery<'_>, Stamp)) {
        while let (Some((seq, stamp)), Some(acked)) = (self.beyond(), self.patience.settled()) {
            if acked.after(seq) < 0 {
                return;
            }
            self.gap_to(seq, stamp, out);
            self.drain(budget, out);
        }
    }
}
