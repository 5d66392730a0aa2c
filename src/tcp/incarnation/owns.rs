//! Whether a segment can belong to one use of a four-tuple.
//!
//! Job: answer by its numbers, flags and first bytes, and by what was seen of the connection.
//! Input: a segment. Output: yes or no, and how far off it is. RFC 9293 §3.4, §3.4.1, §3.5.

use super::{
    AHEAD, COPY, EARLY_NANOS, Edge, Incarnation, LINGER_NANOS, NEAR, WINDOW_MAX, is_upgrade,
};
use crate::base::{End, Timestamp};
use crate::net::Segment;
use crate::tcp::seq::Seq;

impl Incarnation {
    /// Whether `segment` can be one of its own.
    pub(in crate::tcp) fn owns(&self, from: End, segment: &Segment<'_>, now: Timestamp) -> bool {
        let (flags, len) = (segment.flags, u64::from(segment.payload_len));
        if flags.syn() {
            return !self.reused(from, segment, now);
        }
        if flags.rst() {
            return true;
        }
        let end = Seq(segment.seq).plus(len);
        let news = self.edge[from].is_none_or(|edge| end.after(edge.end) > 0);
        let stale = now.since(self.last) >= LINGER_NANOS;
        let refuted = len > 0 && self.closed() && (stale || self.over && news)
            || self.behind_fin(from, end)
            || self.begins_anew(from, segment, now);
        !refuted && !self.is_far(from, segment)
    }

    /// Whether bytes up to `end` lie after the end's FIN. RFC 9293 §3.10.4: nothing is sent
    /// there; a keep-alive probe repeats the FIN's own number.
    fn behind_fin(&self, from: End, end: Seq) -> bool {
        let alone = self.edge[from.other()].is_none();
        (self.finished() || alone) && self.fin[from].is_some_and(|fin| end.after(fin) > 1)
    }

    /// Whether `segment` acknowledges the SYN of `from`'s peer and at most the data that came
    /// with it (RFC 7413).
    fn answered_by(&self, from: End, segment: &Segment<'_>) -> bool {
        let to = from.other();
        let furthest = 1 + i64::from(self.syn_len[to]);
        segment.flags.ack()
            && self.isn[to].is_some_and(|isn| (1..=furthest).contains(&Seq(segment.ack).after(isn)))
    }

    /// Whether a SYN on this four-tuple begins another connection.
    fn reused(&self, from: End, segment: &Segment<'_>, now: Timestamp) -> bool {
        if self.answered_by(from, segment) {
            // The answer to this connection's SYN may come with another number when it is
            // given twice (SYN cookies, two servers behind one address).
            return false;
        }
        let (seq, flags) = (Seq(segment.seq), segment.flags);
        match (self.isn[from], self.edge[from]) {
            // RFC 9293 §3.4.1: another initial number is another incarnation; the same one is
            // a retransmission.
            (Some(isn), _) => isn != seq || self.closed() && now.since(self.last) >= LINGER_NANOS,
            // The capture shows it after the bytes that follow it.
            (None, Some(edge)) if (1..=COPY).contains(&edge.begin.after(seq)) => false,
            // Behind other packets of this peer: those were an earlier incarnation's, unless
            // both open at once (RFC 9293 §3.5).
            _ if !flags.ack() => self.closed() || self.isn[from.other()].is_none(),
            // An answer, but to a SYN that the capture lacks.
            _ => self.closed() || self.isn[from.other()].is_some(),
        }
    }

    /// Whether an upgrade begins on what has one already.
    fn begins_anew(&self, from: End, segment: &Segment<'_>, now: Timestamp) -> bool {
        let known = self.upgraded || self.head[from].is_some() && self.edge[from.other()].is_none();
        let (seq, Some(edge)) = (Seq(segment.seq), self.edge[from]) else {
            return false;
        };
        // Next in order it is part of a message.
        let elsewhere = edge.end != seq && self.head[from] != Some(seq);
        let reordered = self.head[from].is_none()
            && seq.after(edge.end) < 0
            && now.since(self.first) < EARLY_NANOS;
        known && elsewhere && !reordered && is_upgrade(segment.payload)
    }

    /// How far the numbers lie from those that are next, by what both ends sent; `None` where
    /// nothing is known. RFC 9293 §3.4.
    fn offsets(&self, from: End, segment: &Segment<'_>) -> (Option<i64>, Option<i64>) {
        let (own, other) = (self.edge[from], self.edge[from.other()]);
        let acked = |edge: Option<Edge>| edge.filter(|edge| edge.acks).map(|edge| edge.ack);
        let next = own.map(|edge| edge.end).or(acked(other));
        let answered = other.map(|edge| edge.end).or(acked(own));
        let answered = answered.filter(|_| segment.flags.ack());
        (
            next.map(|at| Seq(segment.seq).after(at)),
            answered.map(|at| Seq(segment.ack).after(at)),
        )
    }

    fn is_far(&self, from: End, segment: &Segment<'_>) -> bool {
        let far = |offset: i64| !(-NEAR..=AHEAD).contains(&offset);
        match self.offsets(from, segment) {
            (Some(seq), Some(ack)) => far(seq) && far(ack),
            // Behind a SYN that nobody answered bytes follow it, or they are another's.
            (Some(offset), None) if self.isn[from].is_some() => offset.abs() > NEAR,
            (Some(seq), None) => seq.abs() > WINDOW_MAX,
            // The same where the other end answers what came after it.
            (None, Some(offset)) if self.isn[from.other()].is_some() => offset.abs() > NEAR,
            (None, Some(ack)) => far(ack),
            (None, None) => false,
        }
    }

    /// How far the numbers lie from those that are next.
    pub(in crate::tcp) fn distance(&self, from: End, segment: &Segment<'_>) -> u64 {
        let (seq, ack) = self.offsets(from, segment);
        [seq, ack]
            .into_iter()
            .flatten()
            .map(i64::unsigned_abs)
            .sum()
    }

    /// Whether `segment`, from under another encapsulation, answers this connection or repeats
    /// it: by its numbers, since networks may use the same addresses.
    pub(in crate::tcp) fn seen_elsewhere(&self, from: End, segment: &Segment<'_>) -> bool {
        let (flags, seq) = (segment.flags, Seq(segment.seq));
        let Some(edge) = self.edge[from] else {
            return self.continued_by(from, segment);
        };
        if flags.syn() {
            let answers = !flags.ack() || self.answered_by(from, segment);
            return self.isn[from] == Some(seq) && answers;
        }
        let near = |number: u32, at: Seq| Seq(number).after(at).abs() <= COPY;
        flags.ack() && edge.acks && near(segment.seq, edge.end) && near(segment.ack, edge.ack)
    }

    /// Whether `segment` of `from`, of which nothing was seen yet, answers the other peer.
    fn continued_by(&self, from: End, segment: &Segment<'_>) -> bool {
        let Some(edge) = self.edge[from.other()] else {
            return false;
        };
        let near = |a: u32, b: Seq| Seq(a).after(b).abs() <= NEAR;
        if segment.flags.syn() || segment.flags.rst() {
            return self.answered_by(from, segment);
        }
        segment.flags.ack()
            && edge.acks
            && near(segment.ack, edge.end)
            && near(segment.seq, edge.ack)
    }
}
