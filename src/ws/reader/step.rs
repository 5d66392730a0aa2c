//! A reader that is out of step, and says so.
//!
//! Job: tell bytes that no peer sends as a header from headers with a fault, and lose the place.
//! Input: a header and what comes with it. Output: [`ReaderEvent::Lost`]. RFC 6455 §5.2.
//!
//! A header with one fault is read on: senders have habits. One with two is no header: two writers
//! share the connection, or something that is no WebSocket writes to it.

use super::{FrameReader, Open, State};
use crate::stream::Stamps;
use crate::ws::evidence::faults;
use crate::ws::header::{FrameHeader, ParsedHeader, parse_frame_header};
use crate::ws::part::{LossCause, ReaderEvent};
use crate::ws::resync::Resync;

/// Faults of which no peer commits so many in one header.
const TOO_MANY: u32 = 2;

impl FrameReader {
    /// Why no frame begins with this header.
    #[inline]
    pub(super) fn refusal(&self, header: &FrameHeader) -> Option<LossCause> {
        if self.expectation.allows(header) {
            return None;
        }
        if self.guessed {
            return Some(LossCause::Guess);
        }
        let many = faults(header, self.expectation) >= TOO_MANY;
        many.then_some(LossCause::OutOfStep { inside: false })
    }

    /// Whether a payload begins with what may be the header of another frame, as where two writers
    /// share a connection: each has written its header, then each writes its payload.
    pub(super) fn is_header_inside(&self, open: Open, bytes: &[u8]) -> bool {
        if open.begun || open.offset > 0 {
            return false;
        }
        match parse_frame_header(bytes) {
            ParsedHeader::Complete(header) => {
                let alone = bytes.len() == usize::from(header.header_len);
                alone && self.expectation.allows(&header) && self.habits.has_begun(&header)
            }
            ParsedHeader::Incomplete | ParsedHeader::Invalid(_) => false,
        }
    }

    /// Whether what follows a frame is no header.
    pub(super) fn is_out_of_step(&self, rest: &[u8]) -> bool {
        match parse_frame_header(rest) {
            ParsedHeader::Complete(header) => !self.expectation.allows(&header),
            ParsedHeader::Invalid(_) => true,
            ParsedHeader::Incomplete => rest
                .first()
                .is_some_and(|first| !self.expectation.begins(*first)),
        }
    }

    /// Loses the place where `bytes` stand, and returns those that are searched for a header.
    pub(super) fn lose<'a>(
        &mut self,
        cause: LossCause,
        bytes: &'a [u8],
        at: Stamps,
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) -> &'a [u8] {
        // The faulty header itself is passed over, so that it is not found again.
        let (passed, rest) = match (cause, bytes) {
            (LossCause::Gap, _) | (_, []) => (0, bytes),
            (_, [_, rest @ ..]) => (1, rest),
        };
        self.lose_at(cause, (bytes, passed), at, out);
        rest
    }

    /// Loses the place; what was kept of a header is passed over, and so many bytes after it.
    pub(super) fn lose_at(
        &mut self,
        cause: LossCause,
        (bytes, passed): (&[u8], u64),
        at: Stamps,
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) {
        let stamp = at.last;
        out(ReaderEvent::Lost {
            cause,
            bytes,
            stamp,
        });
        // What was begun of a header cannot be told from payload any more.
        let kept = match &self.state {
            State::Header { have, .. } => *have as u64,
            State::Payload(open) => open.unseen(),
            State::Trial(_) | State::Lost(_) => 0,
        };
        let mut resync = Resync::new(self.expectation, self.habits, self.limits);
        if kept + passed > 0 {
            resync.pass(kept + passed);
        }
        self.state = State::Lost(Box::new(resync));
    }
}
