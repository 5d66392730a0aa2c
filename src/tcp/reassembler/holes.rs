//! Segments out of line, and the holes that they leave or fill.
//!
//! Job: hold what is early until the hole before it is filled or given up. Input: segments that
//! are not the next. Output: [`Delivery`]s. RFC 9293 §3.8.4, §3.10.7.4.

use super::{Reassembler, WINDOW_MAX};
use crate::base::Stamp;
use crate::stream::Delivery;
use crate::tcp::budget::Budget;
use crate::tcp::queue::{Brought, Ready};
use crate::tcp::seq::Seq;

impl Reassembler {
    /// Holds damaged copies against bytes that were delivered, and drops those that they replace.
    #[cold]
    pub(super) fn settle_spares(
        &mut self,
        begin: Option<Seq>,
        bytes: &[u8],
        stamp: Stamp,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let Some(begin) = begin else { return };
        let before = self.delivered - bytes.len() as u64;
        self.spares.settle(begin, bytes, &mut |seq, bytes| {
            let at = Some(before + u64::try_from(seq.after(begin)).unwrap_or(0));
            out(Delivery::Conflict { at, bytes }, stamp);
        });
    }

    /// Gives up what lies before `end`; of damaged copies the bytes are better than none. A single
    /// byte at `end` that may be a probe's is given up, too: the segment that it repeats is missing.
    pub(super) fn gap_to(
        &mut self,
        end: Seq,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let doubtful = self.held.drop_doubtful(end, budget);
        let end = end.plus(u64::from(doubtful));
        while !self.spares.is_empty()
            && let Some(next) = self.next
            && let Some((at, bytes, copied)) = self.spares.fill(next, end)
        {
            self.skip_to(at, stamp, out);
            self.repaired += bytes.len() as u64;
            self.deliver(&bytes, 0, copied, out);
        }
        self.skip_to(end, stamp, out);
    }

    pub(super) fn skip_to(
        &mut self,
        end: Seq,
        stamp: Stamp,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        if let Some(next) = self.next
            && let Ok(len @ 1..) = u64::try_from(end.after(next))
        {
            self.skip(len, stamp, out);
        }
    }

    /// A segment that is early, old, both in parts, or after a FIN.
    pub(super) fn out_of_line(
        &mut self,
        next: Seq,
        seq: Seq,
        brought: Brought<'_>,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let Brought {
            bytes, cut, unsure, ..
        } = brought;
        let (ahead, len) = (seq.after(next), brought.len());
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
            self.hold(next, seq, brought, stamp, budget, out);
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
            if self.held.is_empty() && !self.paused {
                self.deliver(new, cut, stamp, out);
            } else {
                let brought = Brought {
                    bytes: new,
                    cut,
                    doubtful: false,
                    unsure,
                };
                self.hold(next, next, brought, stamp, budget, out);
            }
        }
        self.drain(budget, out);
        self.relieve(budget, out);
    }

    /// Gives holes up until what is held is within its limits.
    pub(super) fn relieve(
        &mut self,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        while self.held.over_limit(budget)
            && let Some((seq, stamp)) = self.held.first()
        {
            self.paused = false;
            self.gap_to(seq, stamp, budget, out);
            self.drain(budget, out);
        }
    }

    /// RFC 9293 §3.10.7.4: what comes after a FIN is ignored. Until all before it is there,
    /// data that runs past it shows that it was none of this connection's.
    pub(super) fn before_fin(&mut self, next: Seq, seq: Seq, len: u64) -> bool {
        let Some(fin) = self.fin else { return true };
        if seq.plus(len).after(fin) <= 0 {
            return true;
        }
        let reached = next.after(fin) >= 0;
        let probe = len <= 1 && seq.after(fin) <= 0;
        // A bare acknowledgement stands after the FIN, and all before it was sent.
        if !reached && !probe && len > 0 {
            self.fin = None;
            self.shown = None;
        }
        self.fin.is_none()
    }

    pub(super) fn hold(
        &mut self,
        next: Seq,
        seq: Seq,
        brought: Brought<'_>,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let delivered = self.delivered;
        let mut differ = |seq: Seq, bytes| {
            let at = Some(delivered + u64::try_from(seq.after(next)).unwrap_or(0));
            out(Delivery::Conflict { at, bytes }, stamp);
        };
        self.held.hold(seq, brought, stamp, budget, &mut differ);
    }

    /// Notes that the sender has got as far as `seq`.
    pub(super) fn show(&mut self, seq: Seq, stamp: Stamp) {
        let further = self.shown.is_none_or(|(shown, _)| seq.after(shown) > 0);
        if further && self.next.is_some_and(|next| seq.after(next) > 0) {
            self.shown = Some((seq, stamp));
        }
    }

    /// The nearest place beyond a hole that the sender is known to have reached.
    pub(super) fn beyond(&mut self) -> Option<(Seq, Stamp)> {
        let next = self.next?;
        self.shown = self.shown.filter(|(seq, _)| seq.after(next) > 0);
        match (self.held.first(), self.shown) {
            (Some(held), Some(shown)) if shown.0.after(held.0) < 0 => Some(shown),
            (Some(held), _) => Some(held),
            (None, shown) => shown,
        }
    }

    /// Delivers held segments that have become next.
    pub(super) fn drain(&mut self, budget: &mut Budget, out: &mut impl FnMut(Delivery<'_>, Stamp)) {
        while !self.paused
            && let Some(next) = self.next
            && let Some(ready) = self.held.ready(next, budget)
        {
            match ready {
                Ready::Bytes(piece) => {
                    let old = usize::try_from(next.after(piece.seq)).unwrap_or(0);
                    let new = piece.bytes.get(old..).unwrap_or_default();
                    self.deliver(new, 0, piece.stamp, out);
                }
                Ready::Cut(end, stamp) => self.gap_to(end, stamp, budget, out),
            }
        }
    }

    /// Turns holes into gaps where the receiver has what they lack and late segments have had
    /// their time: in files, where nobody waits, by what is held after the hole.
    pub(super) fn close_holes(
        &mut self,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        while let Some((seq, stamp)) = self.beyond() {
            let settled = match budget.late_bytes() {
                Some(late) if self.held.cost() <= late => return,
                Some(_) => self.acked,
                None => self.patience.settled(),
            };
            if settled.is_none_or(|acked| acked.after(seq) < 0) {
                return;
            }
            self.gap_to(seq, stamp, budget, out);
            self.drain(budget, out);
        }
    }
}
