//! What a reader makes of bytes that are missing.
//!
//! Job: keep the step over a gap of known length inside a payload, try the greatest length of
//! another, and lose the place over all others. Input: gaps. Output: [`ReaderEvent`]s.
//! RFC 6455 §5.2.

use super::{FrameReader, Open, State, Tried};
use crate::stream::{Delivery, Missing, Piece, Stamps};
use crate::ws::part::{Body, LossCause, ReaderEvent};
use crate::ws::trial::{Trial, Verdict};

impl FrameReader {
    /// Bytes are missing.
    pub(super) fn pass(
        &mut self,
        missing: Missing,
        at: Stamps,
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) {
        let mut beyond = missing;
        if let State::Payload(open) = self.state {
            let left = open.header.payload_len - open.offset;
            let len = match missing {
                Missing::Bytes(len) => len.min(left),
                Missing::AtMost(len) if self.try_length(open, len, at) => return,
                // Of a gap whose end nobody knows, no byte can be told to be the frame's.
                Missing::AtMost(_) | Missing::Unknown => 0,
            };
            if len > 0 || !open.begun {
                let place = self.place(&[]).zip(missing.exactly());
                let place = place.map(|(place, len)| place.saturating_sub(len));
                self.part(open, Body::Hole(len), place, at.last, out);
            }
            if let Missing::Bytes(all) = &mut beyond {
                *all -= len;
            }
        }
        if beyond == Missing::Bytes(0) {
            return;
        }
        if !self.is_lost() {
            self.lose(LossCause::Gap, &[], at, out);
        }
        self.search(Delivery::Gap(beyond), at, out);
    }

    /// Tries the greatest length of a gap, where the frame can reach over it.
    fn try_length(&mut self, open: Open, len: u64, at: Stamps) -> bool {
        let left = (open.header.payload_len - open.offset).checked_sub(len);
        let known = (self.expectation, self.habits);
        let trial = left.and_then(|left| Trial::new(left, known, self.limits));
        let Some(trial) = trial else {
            return false;
        };
        let tried = Tried {
            open,
            len,
            at,
            trial,
        };
        self.state = State::Trial(Box::new(tried));
        true
    }

    /// Goes on with a trial.
    pub(super) fn try_on(
        &mut self,
        delivery: Delivery<'_>,
        at: Stamps,
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) {
        let State::Trial(tried) = &mut self.state else {
            return;
        };
        let missing = match tried.trial.delivery(delivery, at) {
            Verdict::Open => return,
            Verdict::Kept => Missing::Bytes(tried.len),
            Verdict::Dropped => Missing::Unknown,
        };
        let (open, gap_at, pieces) = (tried.open, tried.at, tried.trial.pieces());
        self.state = State::Payload(open);
        self.pass(missing, gap_at, out);
        self.read_again(pieces);
    }

    /// Has what was gathered read before all else.
    pub(super) fn read_again(&mut self, pieces: Vec<Piece>) {
        for piece in pieces.into_iter().rev() {
            self.again.push_front(piece);
        }
    }
}
