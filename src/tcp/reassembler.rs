//! One direction of a TCP connection, put in order.
//!
//! Job: deliver each byte once, in sequence, and name the bytes that the capture lacks.
//! Input: payloads with sequence numbers, the other side's acknowledgements.
//! Output: [`Delivery`]s. RFC 9293 §3.4, §3.8, §3.10.7.4.
//!
//! In-order payloads are delivered where they lie; only early ones are copied and held,
//! within [`Limits`](crate::base::Limits). A hole becomes a Gap when the receiver has
//! acknowledged it, the sender has shown something beyond it and late segments have had their
//! time (in files by [`Limits::late_bytes`](crate::base::Limits::late_bytes), live by
//! [`super::patience`]), when a limit is reached, or at the end: not earlier, not never.
//! Copies that were damaged on their way are kept apart ([`super::trust`]) and fill what else
//! would become a Gap. A direction whose SYN is missing waits a little for its first segment
//! ([`super::beginning`]).

mod holes;
mod start;

use super::beginning::Beginning;
use super::budget::Budget;
use super::patience::Patience;
use super::queue::{Brought, Queue};
use super::recent::Recent;
use super::seq::Seq;
use super::trust::{Spares, Trust, Verdict};
use crate::base::Stamp;
use crate::net::Bare;
use crate::stream::{Delivery, Missing};

/// A segment further ahead than any receive window reaches is a stray. RFC 7323 §2.3.
pub(super) const WINDOW_MAX: i64 = 1 << 30;

/// A FIN, RST or bare acknowledgement further from the known bytes than this is a stray: it
/// brings no byte that could vouch for it, and receive windows in use are smaller.
const REACH: i64 = 16 << 20;

/// One direction's state.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, none excludes another"
)]
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
    beginning: Beginning,
    patience: Patience,
    recent: Recent,
    trust: Trust,
    spares: Spares,
    /// Its numbers were made up by a tool; there is no `next` then.
    invented: bool,
    /// Where a reset stands.
    ended: Option<Seq>,
    /// Bytes that were taken from damaged copies and not told yet.
    repaired: u64,
    /// Its own SYN was captured.
    own_syn: bool,
    /// Nothing comes out until it is known whether the first bytes of a direction are damaged.
    paused: bool,
}

impl Reassembler {
    /// Whether the direction's beginning was captured.
    pub fn from_syn(&self) -> bool {
        self.from_syn
    }

    /// What the early segments cost that it holds.
    pub(super) fn cost(&self) -> usize {
        self.held.cost()
    }

    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        self.cost() + self.recent.held() + self.spares.held()
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

    /// Takes a payload of `wire_len` bytes of which `bytes` were captured; `pushed` as its flag says,
    /// `unsure` as its [`Verdict`].
    pub(super) fn segment(
        &mut self,
        seq: Seq,
        (bytes, wire_len, pushed, unsure): (&[u8], u32, bool, bool),
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
        let brought = Brought {
            bytes,
            cut,
            doubtful: wire_len == 1 && !pushed,
            unsure,
        };
        let Some(next) = self.next else {
            return self.before_beginning(seq, brought, stamp, budget, out);
        };
        let next = self.expected(next, seq);
        let at_next = seq == next && self.held.is_empty() && self.shown.is_none();
        if at_next && self.fin.is_none() && !self.paused {
            self.deliver(bytes, cut, stamp, out);
        } else {
            self.out_of_line(next, seq, brought, stamp, budget, out);
        }
    }

    /// Whether the segment is a copy that was damaged on its way. RFC 9293 §3.1: the receiver
    /// drops it whole.
    pub(super) fn judge(&mut self, segment: &Bare<'_>, budget: &mut Budget) -> Verdict {
        let was_unsure = self.trust.is_unsure();
        let verdict = self.trust.judge(segment);
        // Its first right checksum: what is held with a wrong one is damaged.
        if was_unsure && self.trust.is_judging() {
            for piece in self.held.take_unsure(budget) {
                self.spare(piece.seq, &piece.bytes, piece.stamp);
            }
        }
        verdict
    }

    /// Whether the segment that was judged last, and found unsure, is the first of the direction that
    /// has a checksum, and no byte of it has come out: it may be damaged, and nothing says so yet. A
    /// SYN with a checksum would have.
    pub(super) fn is_in_doubt(&self) -> bool {
        let first = self.delivered == 0 && self.trust.is_first_wrong();
        first && !self.own_syn && !self.invented
    }

    /// Nothing comes out any more, until the doubt is over or has lasted long enough.
    pub(super) fn pause(&mut self) {
        if !std::mem::replace(&mut self.paused, true) {
            self.beginning.restart();
        }
    }

    /// Whether nothing comes out.
    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    /// Whether checksums of it were wrong, and nothing has shown yet whether they mean something.
    pub(super) fn is_unsure(&self) -> bool {
        self.trust.is_unsure()
    }

    /// Keeps a damaged copy, in case no other comes.
    pub(super) fn spare(&mut self, seq: Seq, bytes: &[u8], stamp: Stamp) {
        let end = seq.plus(bytes.len() as u64);
        let is_news = match self.next {
            Some(next) => end.after(next) > 0 && self.within_reach(end),
            None => !self.invented,
        };
        if is_news {
            self.spares.keep(seq, bytes, stamp);
            self.show(end, stamp);
        }
    }

    /// Notes how far damaged copies reach that came before it was known where the direction begins.
    pub(super) fn show_spares(&mut self) {
        for (end, stamp) in self.spares.ends() {
            if self.within_reach(end) {
                self.show(end, stamp);
            }
        }
    }

    /// Bytes taken from damaged copies since the last call.
    pub(super) fn take_repaired(&mut self) -> u64 {
        std::mem::take(&mut self.repaired)
    }

    /// Whether a single byte at `seq` is a keep-alive probe's: it was acknowledged before it came.
    /// RFC 9293 §3.8.4: the probe repeats the last number, and its byte is garbage.
    pub(super) fn is_probe(&self, seq: Seq) -> bool {
        self.acked == Some(seq.plus(1))
            && self.fin != Some(seq)
            && self.next.is_some_and(|next| seq.after(next) >= 0)
    }

    /// Notes where a reset said that the sender stands.
    pub(super) fn ended(&mut self, seq: Seq) {
        self.ended = Some(seq);
    }

    /// Notes that the sender has got as far as `seq`, where nobody knows its bytes.
    pub(super) fn reached(&mut self, seq: Seq, stamp: Stamp) {
        if self.within_reach(seq) {
            self.show(seq, stamp);
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

    /// Whether bytes up to `end` were not delivered yet.
    pub(super) fn is_news(&self, end: Seq) -> bool {
        self.next.is_none_or(|next| end.after(next) > 0)
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
        let waits = !self.held.is_empty() || self.shown.is_some();
        if self.next.is_none() || self.paused || !waits {
            return;
        }
        self.drain(budget, out);
        self.patience.tick(self.acked, stamp);
        self.close_holes(budget, out);
        if self.held.is_empty() && self.shown.is_none() {
            self.patience = Patience::default();
        }
    }

    /// Holes are given up, up to what the sender has shown.
    pub(super) fn give_up(
        &mut self,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        self.paused = false;
        while let Some((seq, stamp)) = self.beyond() {
            self.gap_to(seq, stamp, budget, out);
            self.drain(budget, out);
        }
    }

    /// The capture or the connection ends: everything held comes out, holes as gaps.
    pub(super) fn finish(
        &mut self,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        if self.invented {
            return;
        }
        self.give_up(budget, out);
        // Acknowledged or before a reset, so it was sent, and nothing after it was captured. A
        // single number beyond the last byte is a FIN that the capture lacks, not a byte.
        let lacking = match self.next {
            Some(next) => {
                let ends = [self.acked, self.ended].into_iter().flatten();
                let beyond = ends.filter_map(|end| u64::try_from(end.after(next)).ok());
                beyond.max().unwrap_or(0)
            }
            None => std::mem::take(&mut self.unseen),
        };
        if lacking > 1 && self.fin.is_none() {
            self.skip(lacking, stamp, out);
        }
        self.held.release(budget);
    }

    /// The next expected sequence number, which a first segment without bytes may have set.
    fn expected(&mut self, next: Seq, seq: Seq) -> Seq {
        let guessed = !self.from_syn && self.delivered == 0 && self.held.is_empty();
        // RFC 9293 §3.8.4: the number before came from a keep-alive probe.
        if guessed && seq.after(next) == 1 && self.acked.is_none_or(|acked| acked != next) {
            self.next = Some(seq);
            return seq;
        }
        next
    }

    fn deliver(
        &mut self,
        bytes: &[u8],
        cut: u64,
        stamp: Stamp,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        if !bytes.is_empty() {
            let begin = self.next;
            self.recent.push(bytes);
            self.advance(bytes.len() as u64);
            out(Delivery::write(bytes), stamp);
            if !self.spares.is_empty() {
                self.settle_spares(begin, bytes, stamp, out);
            }
        }
        if cut > 0 {
            self.skip(cut, stamp, out);
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
}
