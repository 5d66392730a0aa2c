//! Receivers that take nothing.
//!
//! Job: see how long a receive window stays closed. Input: the window of each segment. Output: a
//! [`Stall`] when it opens again. RFC 9293 §3.8.6.

use crate::base::{End, PerEnd, Stamp, Timestamp};
use crate::net::Bare;

/// A time in which an end took no bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    /// Whose window was closed.
    pub receiver: End,
    /// Since when.
    pub since: Stamp,
    /// Until when.
    pub until: Timestamp,
}

impl Stall {
    /// How long it lasted.
    pub fn nanos(&self) -> i64 {
        self.until.since(self.since.time)
    }
}

/// The windows of both ends.
#[derive(Debug, Clone, Copy, Default)]
pub struct Windows {
    closed: PerEnd<Option<Stamp>>,
}

impl Windows {
    /// Takes a segment of `from`, which says how much `from` would take.
    #[inline]
    pub fn segment(&mut self, from: End, segment: &Bare<'_>, stamp: Stamp) -> Option<Stall> {
        let closed = &mut self.closed[from];
        if segment.window == 0 {
            // The window of a reset means nothing, and that of a SYN is not in force yet.
            if segment.flags.ack() && !segment.flags.rst() && !segment.flags.syn() {
                closed.get_or_insert(stamp);
            }
            return None;
        }
        closed.take().map(|since| Stall {
            receiver: from,
            since,
            until: stamp.time,
        })
    }

    /// The connection ends: what is closed stays closed.
    pub fn finish(&mut self, last: Stamp) -> impl Iterator<Item = Stall> {
        let closed = std::mem::take(&mut self.closed);
        End::BOTH.into_iter().filter_map(move |receiver| {
            Some(Stall {
                receiver,
                since: closed[receiver]?,
                until: last.time,
            })
        })
    }
}
