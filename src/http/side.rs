//! One direction of a connection that speaks HTTP/1.
//!
//! Job: where the reading of one direction stands. Input and output: none; the
//! [`Exchange`](super::Exchange) moves it on.

use super::body::Body;
use super::scan::HeadScan;
use crate::stream::{Backlog, Missing, Stamps};

/// Where one direction stands.
#[derive(Debug, Default)]
pub(super) struct Side {
    pub(super) input: Backlog,
    pub(super) state: State,
    /// A gap that was crossed, and with it what was searched since in vain.
    pub(super) crossed: Option<(Stamps, Missing)>,
}

impl Side {
    /// Bytes (waiting or skimmed) that the search passes by.
    pub(super) fn pass(&mut self, count: usize) {
        self.input.consume(count);
        if let Some((_, missing)) = &mut self.crossed {
            *missing = missing.and(Missing::Bytes(count as u64));
        }
    }
}

#[derive(Debug)]
pub(super) enum State {
    /// In a head, or where one must begin.
    Head(HeadScan),
    /// In a body, which is skipped.
    Body(Body),
    /// Somewhere unknown: the next head is searched for.
    Lost {
        /// Bytes in which line starts are still looked at; then only the starts of chunks are.
        budget: usize,
        /// It was a head that was expected, not lost within a body.
        at_head: bool,
    },
}

impl Default for State {
    fn default() -> Self {
        Self::Head(HeadScan::default())
    }
}
