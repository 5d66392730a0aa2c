//! A gap of which only the greatest length is known.
//!
//! Job: find out whether a gap inside a payload is just as long as it may be, as it is where
//! whoever lost the bytes had added nothing to them. Input: what comes after the gap. Output: a
//! [`Verdict`], and what came. RFC 6455 §5.2.
//!
//! If it is, the frame ends a known number of bytes later, and headers chain from there on.

use super::evidence::Expectation;
use super::habits::Habits;
use super::header::{ParsedHeader, parse_frame_header};
use super::resync::Resync;
use crate::base::Limits;
use crate::stream::{Backlog, Delivery, Piece, Stamps};

/// What a trial came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// More bytes will tell.
    Open,
    /// The gap is as long as it may be.
    Kept,
    /// It is not, or nobody will know.
    Dropped,
}

/// A trial in progress.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    /// Bytes of the payload that come after the gap.
    rest: u64,
    held: Backlog,
    /// The search for frames from the payload's end on.
    search: Resync,
    expectation: Expectation,
    most: u64,
}

impl Trial {
    /// A trial of a gap after which `rest` bytes of the payload follow; `None` where those are too
    /// many to hold.
    pub(super) fn new(
        rest: u64,
        (expectation, habits): (Expectation, Habits),
        limits: Limits,
    ) -> Option<Self> {
        let most = limits.resync_bytes as u64;
        (rest < most / 2).then(|| Self {
            rest,
            held: Backlog::default(),
            search: Resync::new(expectation, habits, limits),
            expectation,
            most,
        })
    }

    /// Takes what comes next.
    pub(super) fn delivery(&mut self, delivery: Delivery<'_>, at: Stamps) -> Verdict {
        let left = self.rest.saturating_sub(self.held.span());
        self.held.push(delivery, at);
        let Delivery::Chunk { bytes, begins } = delivery else {
            return Verdict::Dropped;
        };
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let beyond = bytes.get(left..).unwrap_or_default();
        if beyond.is_empty() {
            return Verdict::Open;
        }
        let header = match parse_frame_header(self.held.from(self.rest)) {
            ParsedHeader::Complete(header) => Some(header),
            ParsedHeader::Incomplete => None,
            ParsedHeader::Invalid(_) => return Verdict::Dropped,
        };
        if header.is_some_and(|header| !self.expectation.allows(&header)) {
            return Verdict::Dropped;
        }
        // The header that is tried is a candidate wherever it stands.
        let begins = self.search.seen() == 0 || begins && left == 0;
        let bytes = beyond;
        match self.search.delivery(Delivery::Chunk { bytes, begins }, at) {
            Some(found) if found.skipped == Some(0) => Verdict::Kept,
            Some(_) => Verdict::Dropped,
            None if self.held.span() > self.most => Verdict::Dropped,
            None => Verdict::Open,
        }
    }

    /// Bytes that came.
    pub(super) fn seen(&self) -> u64 {
        self.held.span()
    }

    /// What came.
    pub(super) fn pieces(&self) -> Vec<Piece> {
        self.held.pieces(0)
    }
}
