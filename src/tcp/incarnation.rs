//! One use of a four-tuple, as far as the table of connections knows it.
//!
//! Job: say whether a segment can belong to it. Input: the segments that do. Output: answers,
//! by their numbers, flags and first bytes. RFC 9293 §3.4.1, §3.5, §3.10.7.
//!
//! A SYN is not needed to see that a four-tuple is used again: bytes after a FIN, another
//! request to upgrade, numbers far from both directions' are none of this connection's.

mod owns;

use super::ahead::Holes;
use super::seq::Seq;
use crate::base::{End, Limits, PerEnd, Timestamp};
use crate::net::{Flags, Segment};

/// A closed connection is remembered this long for its late retransmissions.
pub(super) const LINGER_NANOS: i64 = 60_000_000_000;

/// Numbers no further apart than this can belong to one conversation.
const NEAR: i64 = 1 << 20;

/// A capture may lack so much of both directions and go on with the same connection.
const AHEAD: i64 = 1 << 26;

/// Where only one number can be compared, one further away belongs elsewhere.
const WINDOW_MAX: i64 = 1 << 30;

/// A copy of a segment that was captured twice comes while the numbers have moved by no more.
const COPY: i64 = 1 << 16;

/// The head of an upgrade that comes so soon after the first packet was captured out of order.
const EARLY_NANOS: i64 = 1_000_000_000;

/// Where an end stands by what it sent.
#[derive(Debug, Clone, Copy)]
struct Edge {
    /// The lowest number of a segment.
    begin: Seq,
    /// The highest number after one.
    end: Seq,
    /// What it acknowledged last.
    ack: Seq,
    acks: bool,
}

/// A reset that was seen, and since when nothing spoke against it.
#[derive(Debug, Clone, Copy)]
struct Reset {
    by: End,
    seq: Seq,
}

/// A connection by its numbers.
#[derive(Debug)]
pub(super) struct Incarnation {
    /// The connection's number.
    pub(super) number: u64,
    first_is_low: bool,
    first: Timestamp,
    last: Timestamp,
    isn: PerEnd<Option<Seq>>,
    /// Bytes that came with the SYN.
    syn_len: PerEnd<u32>,
    edge: PerEnd<Option<Edge>>,
    /// The number of the FIN.
    fin: PerEnd<Option<Seq>>,
    reset: Option<Reset>,
    /// Where the head of an upgrade stands.
    head: PerEnd<Option<Seq>>,
    /// An upgrade was answered with 101.
    upgraded: bool,
    /// It was told that it needs no more room.
    pub(super) over: bool,
    /// Directions that hold what is out of order.
    holes: Option<Box<PerEnd<Option<Holes>>>>,
}

impl Incarnation {
    /// A connection of which nothing was seen.
    pub(super) fn new(number: u64, first_is_low: bool, now: Timestamp) -> Self {
        Self {
            number,
            first_is_low,
            first: now,
            last: now,
            isn: PerEnd::default(),
            syn_len: PerEnd::default(),
            edge: PerEnd::default(),
            fin: PerEnd::default(),
            reset: None,
            head: PerEnd::default(),
            upgraded: false,
            over: false,
            holes: None,
        }
    }

    /// The same in the midst of a WebSocket.
    pub(super) fn midway(self) -> Self {
        Self {
            upgraded: true,
            ..self
        }
    }

    /// Which end the lower or the higher address is.
    #[inline]
    pub(super) fn sender(&self, from_low: bool) -> End {
        if self.first_is_low == from_low {
            End::First
        } else {
            End::Second
        }
    }

    /// Whether both ends, or a reset, have closed it.
    pub(super) fn closed(&self) -> bool {
        self.reset.is_some() || self.finished()
    }

    /// Whether nothing that is sent from now on can be its.
    pub(super) fn finished(&self) -> bool {
        self.over || self.fin.first.is_some() && self.fin.second.is_some()
    }

    /// Whether its SYN, or the answer to it, was seen.
    pub(super) fn has_handshake(&self) -> bool {
        self.isn.first.is_some() || self.isn.second.is_some()
    }

    /// Whether a reset stands.
    pub(super) fn is_reset(&self) -> bool {
        self.reset.is_some()
    }

    /// Its last segment's time.
    pub(super) fn last(&self) -> Timestamp {
        self.last
    }

    /// Takes the common segment: the next in order on an open connection. False: look closer.
    #[inline]
    pub(super) fn goes_on(&mut self, from: End, segment: &Segment<'_>, now: Timestamp) -> bool {
        const SEEN_ONCE: u8 = Flags::SYN | Flags::FIN | Flags::RST;

        let head = matches!(
            segment.payload,
            [b'G', b'E', b'T', b' ', ..] | [b'H', b'T', b'T', b'P', ..]
        );
        let Some(edge) = &mut self.edge[from] else {
            return false;
        };
        if segment.flags.0 & SEEN_ONCE != 0
            || head
            || edge.end != Seq(segment.seq)
            || self.reset.is_some()
            || self.fin.first.is_some()
            || self.fin.second.is_some()
            || self.holes.is_some()
            || i64::from(segment.payload_len) > WINDOW_MAX
        {
            return false;
        }
        self.last = now;
        edge.end = edge.end.plus(u64::from(segment.payload_len));
        if segment.flags.ack() {
            (edge.ack, edge.acks) = (Seq(segment.ack), true);
        }
        true
    }

    /// What it holds out of order costs so much.
    pub(super) fn held(&self) -> usize {
        let ends = self.holes.iter().flat_map(|holes| holes.iter());
        ends.filter_map(|(_, holes)| Some(holes.as_ref()?.cost()))
            .sum()
    }

    /// It gives up what it holds.
    pub(super) fn relieve(&mut self) {
        self.holes = None;
    }

    /// Follows what the direction holds out of order. Of `edge` nothing is known of this segment.
    fn follow_holes(&mut self, from: End, segment: &Segment<'_>, limits: &Limits, now: Timestamp) {
        let flags = segment.flags;
        let begin = Seq(segment.seq).plus(u64::from(flags.syn()));
        let opens = match self.edge[from] {
            Some(edge) => {
                // A FIN takes a number, and no byte: what stands right behind it leaves no hole.
                let fin = self.fin[from].filter(|fin| fin.plus(1) == edge.end);
                let next = fin.unwrap_or(edge.end);
                (begin.after(edge.end) > 0 && !flags.syn()).then_some(Some(next))
            }
            None if flags.syn() => None,
            None => Some(self.isn[from].map(|isn| isn.plus(1))),
        };
        if opens.is_none() && self.holes.is_none() {
            return;
        }
        let holes = self.holes.get_or_insert_default();
        if flags.syn() && holes[from].as_ref().is_some_and(|one| one.cost() == 0) {
            holes[from] = None;
        }
        if let (None, Some(next)) = (&holes[from], opens) {
            holes[from] = Some(Holes::new(next, next.unwrap_or(begin), now));
        }
        for end in End::BOTH {
            let Some(one) = &mut holes[end] else { continue };
            if let Some(isn) = self.isn[end] {
                one.begin(isn.plus(1));
            }
            if end == from {
                one.take(begin, segment.payload_len, segment.payload.len(), limits);
            }
            one.tick(now);
            if one.is_closed() {
                holes[end] = None;
            }
        }
        if holes.iter().all(|(_, holes)| holes.is_none()) {
            self.holes = None;
        }
    }

    /// Whether no receiver would take the segment, whatever its numbers are: RFC 7323 §2.3.
    fn is_stray(&self, from: End, segment: &Segment<'_>) -> bool {
        let ahead = |edge: Edge| Seq(segment.seq).after(edge.end);
        let far = self.edge[from].is_some_and(|edge| ahead(edge) > WINDOW_MAX);
        i64::from(segment.payload_len) > WINDOW_MAX || far && !segment.flags.syn()
    }

    /// Takes a segment that is its own.
    pub(super) fn note(
        &mut self,
        from: End,
        segment: &Segment<'_>,
        limits: &Limits,
        now: Timestamp,
    ) {
        let (flags, seq) = (segment.flags, Seq(segment.seq));
        self.last = now;
        if self.is_stray(from, segment) {
            return;
        }
        if flags.rst() {
            self.reset.get_or_insert(Reset { by: from, seq });
            return;
        }
        let begin = seq.plus(u64::from(flags.syn()));
        let len = u64::from(segment.payload_len);
        let end = begin.plus(len + u64::from(flags.fin()));
        self.follow_holes(from, segment, limits, now);
        // What comes after a reset's number, or answers it with bytes, was sent all the same.
        self.reset = self
            .reset
            .filter(|reset| len == 0 || reset.by == from && end.after(reset.seq) <= 0);
        if flags.syn() {
            self.isn[from] = Some(seq);
            self.syn_len[from] = segment.payload_len;
            if flags.ack() {
                // The SYN it answers, should the capture lack it.
                let answered = Seq(segment.ack.wrapping_sub(1));
                self.isn[from.other()].get_or_insert(answered);
            }
        }
        self.move_edge(from, begin, end, segment);
        if flags.fin() && self.fin[from].is_none() {
            self.fin[from] = Some(begin.plus(len));
        }
        if self.head[from].is_none() && is_upgrade(segment.payload) {
            self.head[from] = Some(begin);
            self.upgraded |= segment.payload.starts_with(ANSWER);
        }
    }

    fn move_edge(&mut self, from: End, begin: Seq, end: Seq, segment: &Segment<'_>) {
        let fresh = Edge {
            begin,
            end,
            ack: Seq(segment.ack),
            acks: segment.flags.ack(),
        };
        let edge = self.edge[from].get_or_insert(fresh);
        if segment.flags.syn() {
            (edge.begin, edge.end) = (begin, end);
        }
        // Two far numbers were a stray's, or the capture lacks what lies between them.
        if end.after(edge.end) > 0 {
            edge.end = end;
        }
        if begin.after(edge.begin) < 0 {
            edge.begin = begin;
        }
        if segment.flags.ack() {
            (edge.ack, edge.acks) = (Seq(segment.ack), true);
        }
    }
}

/// The answer to an upgrade. RFC 6455 §4.2.2.
const ANSWER: &[u8] = b"HTTP/1.1 101";

/// Whether a segment begins with the head of an upgrade to WebSocket.
fn is_upgrade(payload: &[u8]) -> bool {
    const NAME: &[u8] = b"websocket";
    const LOOK: usize = 4096;

    if payload.starts_with(ANSWER) {
        return true;
    }
    let head = payload.get(..LOOK).unwrap_or(payload);
    payload.starts_with(b"GET ")
        && head
            .windows(NAME.len())
            .any(|word| word.eq_ignore_ascii_case(NAME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Encapsulation, Endpoint};

    fn segment(flags: u8, seq: u32, ack: u32) -> Segment<'static> {
        let end = Endpoint {
            address: [192, 0, 2, 1].into(),
            port: 1,
        };
        Segment {
            source: end,
            destination: end,
            encapsulation: Encapsulation::default(),
            seq,
            ack,
            flags: Flags(flags),
            window: 0,
            payload: &[],
            payload_start: None,
            payload_len: 0,
            payload_sum: None,
        }
    }

    /// There are many of those: they keep nothing but numbers.
    #[test]
    fn a_closed_connection_waits_for_nothing() {
        const ACK: u8 = 0x10;
        let (limits, now) = (Limits::default(), Timestamp(0));
        let mut one = Incarnation::new(1, true, now);
        let (first, second) = (End::First, End::Second);
        for (from, flags, seq, ack) in [
            (first, Flags::SYN, 10, 0),
            (second, Flags::SYN | ACK, 70, 11),
            (first, ACK, 11, 71),
            (first, Flags::FIN | ACK, 11, 71),
            (second, Flags::FIN | ACK, 71, 12),
            (first, ACK, 12, 72),
            (second, ACK, 72, 12),
        ] {
            one.note(from, &segment(flags, seq, ack), &limits, now);
            assert!(one.holes.is_none(), "{from:?} at {seq}");
        }
        assert!(one.finished());
        one.note(first, &segment(ACK, 15, 72), &limits, now);
        assert!(one.holes.is_some());
    }
}
