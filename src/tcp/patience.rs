//! How long a hole that the receiver has acknowledged may still be filled.
//!
//! Job: keep apart what the capture lacks from what it shows late. A capture taken on several
//! queues or interfaces can hold an acknowledgement before the segment it acknowledges; a
//! hole that became a Gap at once would throw away bytes that are there.
//! Input: a tick for each segment of the connection while a hole waits.
//! Output: the acknowledgement that by now has had time enough.

use super::seq::Seq;
use crate::base::Stamp;

/// Segments of the connection, of either peer, that late bytes may come behind.
const SEGMENTS: u8 = 8;

/// Nanoseconds of capture time after which they come no more.
const NANOS: i64 = 100_000_000;

/// The state while a hole waits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Patience {
    begun: Option<Stamp>,
    ticks: u8,
    /// The acknowledgement when the current round began.
    then: Option<Seq>,
    settled: Option<Seq>,
}

impl Patience {
    /// Another segment of the connection, with the latest acknowledgement.
    pub(super) fn tick(&mut self, acked: Option<Seq>, now: Stamp) {
        let Some(begun) = self.begun else {
            *self = Self {
                begun: Some(now),
                then: acked,
                ..Self::default()
            };
            return;
        };
        self.ticks += 1;
        if self.ticks >= SEGMENTS || now.time.since(begun.time) >= NANOS {
            *self = Self {
                begun: Some(now),
                ticks: 0,
                then: acked,
                settled: self.then,
            };
        }
    }

    /// What was acknowledged long enough ago.
    pub(super) fn settled(&self) -> Option<Seq> {
        self.settled
    }
}
