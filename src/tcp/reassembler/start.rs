//! Where a direction begins.
//!
//! Job: set the first expected number: by a SYN or its answer, or by the lowest number among the
//! first segments where both are missing. Input: segments before that number is known.
//! Output: [`Delivery`]s from there on. RFC 9293 §3.4, §3.8.4.

use super::{REACH, Reassembler};
use crate::base::Stamp;
use crate::stream::Delivery;
use crate::tcp::budget::Budget;
use crate::tcp::queue::Brought;
use crate::tcp::recent::difference;
use crate::tcp::seq::Seq;

/// Bytes that a direction holds at most while first bytes are in doubt.
const PAUSED_MAX: usize = 64 << 10;

impl Reassembler {
    /// Notes the SYN: data starts one after its sequence number. RFC 9293 §3.4.
    pub(in crate::tcp) fn syn(&mut self, seq: Seq) {
        let start = seq.plus(1);
        self.own_syn = true;
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
                    trust: self.trust,
                    paused: self.paused,
                    own_syn: true,
                    ..Self::default()
                };
                self.begin(start);
            }
            _ => self.begin(start),
        }
    }

    /// Notes the number that a SYN-ACK acknowledged: the beginning, where the SYN is missing.
    pub(in crate::tcp) fn answered(&mut self, ack: Seq) {
        if self.next.is_none() {
            self.begin(ack);
        }
    }

    pub(super) fn begin(&mut self, start: Seq) {
        if self.invented {
            return;
        }
        self.next = Some(start);
        self.from_syn = true;
        self.unseen = 0;
        self.show_spares();
    }

    /// Takes a segment before it is known where the direction begins.
    pub(super) fn before_beginning(
        &mut self,
        seq: Seq,
        brought: Brought<'_>,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        let Brought { bytes, cut, .. } = brought;
        let len = brought.len();
        if self.invented || self.is_invented(seq, bytes) {
            self.invent(budget, out);
            return self.deliver(bytes, cut, stamp, out);
        }
        if len == 0 {
            return self.beginning.bare(seq);
        }
        // RFC 9293 §3.8.4: a probe with a byte of garbage was acknowledged before it came.
        if len == 1 && self.acked == Some(seq.plus(1)) {
            return self.beginning.bare(seq.plus(1));
        }
        let mut differ = |_, bytes| out(Delivery::Conflict { at: None, bytes }, stamp);
        self.held.hold(seq, brought, stamp, budget, &mut differ);
        if self.held.over_limit(budget) {
            self.settle_beginning(budget, out);
            self.relieve(budget, out);
        }
    }

    /// Whether `bytes` stand where the first segment did and are wholly others: tools that log
    /// what was said make up headers whose numbers stay, or count packets.
    pub(super) fn is_invented(&self, seq: Seq, bytes: &[u8]) -> bool {
        const BYTES_MIN: usize = 4;

        self.held.single().is_some_and(|first| {
            let first = match seq.after(first.seq) {
                0 => &first.bytes[..],
                1 => first.bytes.get(1..).unwrap_or_default(),
                _ => return false,
            };
            let common = first.len().min(bytes.len());
            let differing = difference(first, bytes).map_or(0, |(_, count)| count);
            common >= BYTES_MIN && differing * 4 >= common as u64
        })
    }

    /// Takes segments as they come from here on, whatever their numbers are.
    pub(in crate::tcp) fn invent(
        &mut self,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        if self.invented || self.next.is_some() {
            return;
        }
        self.paused = false;
        // An acknowledgement before the first bytes has such a number, too, and says nothing.
        self.next = self.held.first().map(|(seq, _)| seq);
        self.drain(budget, out);
        while let Some((seq, stamp)) = self.held.first() {
            self.gap_to(seq, stamp, budget, out);
            self.drain(budget, out);
        }
        self.next = None;
        self.invented = true;
    }

    /// Whether numbers mean nothing.
    pub(in crate::tcp) fn invented(&self) -> bool {
        self.invented
    }

    /// Whether it has waited long enough for its first segment, or for what clears it. To be asked
    /// for each segment of the connection, of either peer.
    #[inline]
    pub(in crate::tcp) fn waited(&mut self, stamp: Stamp) -> bool {
        let waits = match self.next {
            Some(_) => self.paused && self.is_unsure(),
            None => !self.invented && (self.beginning.is_shown() || !self.held.is_empty()),
        };
        self.paused && self.held.cost() > PAUSED_MAX || waits && self.beginning.tick(stamp)
    }

    /// Nothing is in doubt any more: what was held for that comes out, where it is known where the
    /// direction begins.
    pub(in crate::tcp) fn go_on(
        &mut self,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        self.paused = false;
        self.drain(budget, out);
    }

    /// Begins with the lowest number that was seen, where it is not known.
    pub(in crate::tcp) fn settle_beginning(
        &mut self,
        budget: &mut Budget,
        out: &mut impl FnMut(Delivery<'_>, Stamp),
    ) {
        if self.next.is_some() || self.invented {
            return self.go_on(budget, out);
        }
        self.paused = false;
        let first = self.first_brought();
        self.next = self.beginning.place(first);
        // RFC 9293 §3.8.4: it may be a probe's byte, and the true one was not captured.
        if let Some(first) = first
            && self.next == Some(first)
            && self.held.drop_doubtful(first, budget)
        {
            self.next = Some(first.plus(1));
        }
        self.show_spares();
        self.drain(budget, out);
    }

    /// The lowest number of a byte that was captured, be it in a damaged copy only.
    fn first_brought(&self) -> Option<Seq> {
        let held = self.held.first().map(|(seq, _)| seq);
        match (held, self.spares.first()) {
            // A damaged copy far before the rest may be damaged in its number.
            (Some(held), Some(spare)) if (1..=REACH).contains(&held.after(spare)) => Some(spare),
            (held, spare) => held.or(spare),
        }
    }
}
