//! Senders that nobody hears any more.
//!
//! Job: see that an end sends the same again and again, and nothing comes back, not even an
//! acknowledgement. Input: the segments of both ends. Output: [`Unheard`], at the end.
//! RFC 9293 §3.8.1, §3.8.3; RFC 6298 §5.
//!
//! Only the same segment counts, which a sender repeats while it hears nothing, and only some time
//! after the one before: a capture may show each packet twice, also with another host's clock.

use super::seq::Seq;
use crate::base::{End, PerEnd, Stamp, Timestamp};
use crate::net::Bare;

/// Retransmissions after which a path is taken for dead.
const TIMES: u32 = 3;

/// And the nanoseconds that they take at least.
const NANOS: i64 = 1_000_000_000;

/// Retransmissions in less time than this are one, captured twice: RFC 6298 §2.4 waits longer.
const APART: i64 = 50_000_000;

/// Retransmissions that nothing answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unheard {
    /// How many.
    pub times: u32,
    /// The first of them.
    pub first: Stamp,
    /// When the last of them was captured.
    pub last: Timestamp,
}

impl Unheard {
    /// How long they went on.
    pub fn nanos(&self) -> i64 {
        self.last.since(self.first.time)
    }
}

/// What both ends sent again since the other was heard last.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answers {
    /// The number after the last byte.
    sent: PerEnd<Option<Seq>>,
    /// The segment that was sent again, by its number.
    again: PerEnd<Option<(Seq, Unheard)>>,
}

impl Answers {
    /// Takes a segment of `from`.
    #[inline]
    pub fn segment(&mut self, from: End, segment: &Bare<'_>, stamp: Stamp) {
        self.again[from.other()] = None;
        let end = Seq(segment.seq).plus(u64::from(segment.payload_len));
        match &mut self.sent[from] {
            Some(sent) if end.after(*sent) > 0 => *sent = end,
            Some(_) if segment.payload_len > 0 => self.retransmitted(from, Seq(segment.seq), stamp),
            Some(_) => {}
            none => *none = Some(end),
        }
    }

    #[cold]
    fn retransmitted(&mut self, from: End, seq: Seq, stamp: Stamp) {
        match &mut self.again[from] {
            Some((same, again)) if *same == seq => {
                if stamp.time.since(again.last) >= APART {
                    again.times = again.times.saturating_add(1);
                    again.last = stamp.time;
                }
            }
            other => {
                let again = Unheard {
                    times: 1,
                    first: stamp,
                    last: stamp.time,
                };
                *other = Some((seq, again));
            }
        }
    }

    /// The connection ends: who was not heard any more, where the capture has something of both.
    pub fn finish(&self) -> impl Iterator<Item = (End, Unheard)> {
        let Self { sent, again } = *self;
        let both = sent.iter().all(|(_, sent)| sent.is_some());
        let ends = End::BOTH.into_iter().filter(move |_| both);
        ends.filter_map(move |end| Some((end, again[end]?.1)))
            .filter(|(_, again)| again.times >= TIMES && again.nanos() >= NANOS)
    }
}
