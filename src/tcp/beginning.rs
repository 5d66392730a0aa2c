//! Where a direction begins whose SYN was not captured.
//!
//! Job: wait for segments that were captured after later ones before the first byte is handed on.
//! Input: a tick for each segment of the connection, and numbers that were seen.
//! Output: the number to begin with.

use super::seq::Seq;
use crate::base::Stamp;

/// Segments of the connection, of either peer, that the first one may come after.
const SEGMENTS: u8 = 16;

/// Nanoseconds of capture time after which it comes no more.
const NANOS: i64 = 200_000_000;

/// The state until the first byte is handed on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beginning {
    since: Option<Stamp>,
    ticks: u8,
    /// The lowest number of a segment without bytes.
    bare: Option<Seq>,
}

impl Beginning {
    /// A segment without bytes is at `seq`.
    pub(super) fn bare(&mut self, seq: Seq) {
        if self.bare.is_none_or(|bare| seq.after(bare) < 0) {
            self.bare = Some(seq);
        }
    }

    /// Whether a segment without bytes was seen.
    pub(super) fn is_shown(&self) -> bool {
        self.bare.is_some()
    }

    /// The time begins anew.
    pub(super) fn restart(&mut self) {
        (self.since, self.ticks) = (None, 0);
    }

    /// Another segment of the connection; whether the time is over.
    pub(super) fn tick(&mut self, now: Stamp) -> bool {
        let since = *self.since.get_or_insert(now);
        self.ticks = self.ticks.saturating_add(1);
        self.ticks > SEGMENTS || now.time.since(since.time) >= NANOS
    }

    /// The first number, where `first` is that of the first byte that was captured.
    pub(super) fn place(&self, first: Option<Seq>) -> Option<Seq> {
        match (self.bare, first) {
            // RFC 9293 §3.8.4: a keep-alive probe stands one number before the next byte.
            (Some(bare), Some(first)) if first.after(bare) > 1 => Some(bare),
            (bare, None) => bare,
            (_, first) => first,
        }
    }
}
