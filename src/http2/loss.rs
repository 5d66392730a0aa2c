//! Streams that wait for one lost segment.
//!
//! Job: see when bytes were captured long before those that they come after. Input: the packets that
//! brought what is delivered, and the streams in it. Output: [`HeldUp`]. RFC 9293 §3.8.

use std::collections::BTreeSet;

use crate::base::Stamp;

/// Segments that overtake each other are no further apart.
const WAIT_NANOS: i64 = 50_000_000;

/// Streams that waited, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HeldUp {
    pub(super) streams: u64,
    pub(super) nanos: i64,
    /// The packet that brought what they waited for.
    pub(super) until: Stamp,
}

/// One direction.
#[derive(Debug, Clone, Default)]
pub(super) struct Loss {
    /// The newest packet that brought something.
    newest: Option<Stamp>,
    /// The first packet of those that waited for it.
    since: Option<Stamp>,
    streams: BTreeSet<u32>,
}

impl Loss {
    /// A packet brought what is delivered next. Says what waited before, if that is over.
    pub(super) fn chunk(&mut self, at: Stamp) -> Option<HeldUp> {
        if self.newest.is_some_and(|newest| at < newest) {
            self.since.get_or_insert(at);
            return None;
        }
        let held_up = self.since.is_some().then(|| self.take());
        self.newest = Some(at);
        held_up.flatten()
    }

    /// A stream is in what is delivered.
    pub(super) fn stream(&mut self, id: u32) {
        if self.since.is_some() {
            self.streams.insert(id);
        }
    }

    /// What waited, if that is worth telling.
    pub(super) fn take(&mut self) -> Option<HeldUp> {
        let streams = std::mem::take(&mut self.streams).len() as u64;
        let (since, until) = (self.since.take()?, self.newest?);
        let nanos = until.time.since(since.time);
        (streams > 1 && nanos >= WAIT_NANOS).then_some(HeldUp {
            streams,
            nanos,
            until,
        })
    }
}
